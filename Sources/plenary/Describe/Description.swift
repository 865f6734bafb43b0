internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// A record for people: every field that is set, in words, with where each value comes from.
///
/// Invariants: each citation stands in it exactly once, behind the field it is about or, if that shows no value, at the
/// end.
struct Description {
  private let record: any ResourceMessage
  private let kind: Kind
  private let titles: [String: RecordTitle]
  private let language: String
  private let showsCitations: Bool
  private var citations: Citations
  private var sheet = Sheet()

  /// A description of a record, with the titles of the records that it refers to as far as they are known.
  init(
    _ record: any ResourceMessage, of kind: Kind, titles: [String: RecordTitle] = [:], language: String,
    showsCitations: Bool = true
  ) {
    self.record = record
    self.kind = kind
    self.titles = titles
    self.language = language
    self.showsCitations = showsCitations
    citations = Citations(Self.citations(of: record))
    describe()
  }

  /// The lines: what it is called, its fields, what the registry knows about it, its sources.
  func lines(width: Int?, style: TextStyle) -> [String] {
    var head = StyledText(record.name, .bold)
    head.addAside(kind.noun)
    var lines = head.lines(width: width, style: style)
    if let title = RecordTitle(record, language: language) {
      lines += StyledText(title.full).lines(width: width, style: style)
    }
    return lines + [""] + sheet.lines(width: width, style: style) + sourceLines(width, style)
  }

  private func sourceLines(_ width: Int?, _ style: TextStyle) -> [String] {
    guard showsCitations, !citations.sources.isEmpty else { return [] }
    var sources = Sheet()
    for (index, name) in citations.sources.enumerated() {
      sources.add("[\(index + 1)]", [reference(name)])
    }
    return ["", style.bold("Sources")] + sources.lines(width: width, style: style)
  }

  private static func citations(of record: any ResourceMessage) -> [Citation] {
    guard let field = type(of: record).descriptor.field(named: "citations") else { return [] }
    return record.value(ofField: field.number)?.elements.compactMap { $0.message as? Citation } ?? []
  }
}

// The fields.
extension Description {
  /// The number of the first field of a kind's own; those before it are the header that all kinds have.
  private static let ownFieldsBegin: Int32 = 21
  /// The fields of the header that follow those of the kind, in this order.
  private static let headerFields = [
    "state", "marking", "originating_organization", "annotations", "create_time", "update_time", "delete_time",
    "purge_time", "uid", "etag", "revision",
  ]
  /// The labels of fields that read better than their names.
  private static let labels = [
    "create_time": "created", "update_time": "updated", "delete_time": "deleted", "purge_time": "purged from",
  ]

  private mutating func describe() {
    let descriptor = kind.descriptor
    for field in descriptor.fields where field.number >= Self.ownFieldsBegin { describe(field, of: record) }
    for name in Self.headerFields {
      if let field = descriptor.field(named: name) { describe(field, of: record) }
    }
    guard showsCitations else { return }
    for (path, words) in citations.takeRest() { sheet.add(path, words, .faint) }
  }

  private mutating func describe(
    _ field: FieldDescriptor, of message: any ProtobufMessage, in parent: String = "", depth: Int = 0
  ) {
    guard let value = message.value(ofField: field.number) else { return }
    let path = parent.isEmpty ? field.name : "\(parent).\(field.name)"
    let label = Self.labels[path] ?? FieldWords.label(field)
    switch value {
    case .message(let marking as Marking): describe(marking, label, path)
    case .list(let elements): describe(elements, of: field, label, path, depth)
    case .map(let entries):
      let texts = entries.map { StyledText("\(String($0.key) ?? ""): \(String($0.value) ?? "")") }
      sheet.add(label, depth: depth, texts + cited(path, deep: true))
    case .message(let inner) where FieldWords.words(value, of: field, language: language) == nil:
      sheet.add(label, depth: depth, cited(path))
      describe(fieldsOf: inner, path, depth + 1)
    default:
      sheet.add(label, depth: depth, behind(texts(value, field), cited(path, deep: true)))
    }
  }

  private mutating func describe(fieldsOf message: any ProtobufMessage, _ path: String, _ depth: Int) {
    for field in type(of: message).descriptor.fields { describe(field, of: message, in: path, depth: depth) }
  }

  /// A list: its elements below each other if they are single values, else each under its index.
  private mutating func describe(
    _ elements: [FieldValue], of field: FieldDescriptor, _ label: String, _ path: String, _ depth: Int
  ) {
    let simple = elements.allSatisfy { FieldWords.words($0, of: field, language: language) != nil }
    guard simple else {
      let own = cited(path)
      if !own.isEmpty { sheet.add(label, depth: depth, own) }
      for (index, element) in elements.enumerated() {
        sheet.add("\(label) \(index)", depth: depth, cited("\(path).\(index)"))
        if let inner = element.message { describe(fieldsOf: inner, "\(path).\(index)", depth + 1) }
      }
      return
    }
    var texts: [StyledText] = []
    for (index, element) in elements.enumerated() {
      texts += behind(self.texts(element, field, isElement: true), cited("\(path).\(index)", deep: true))
    }
    sheet.add(label, depth: depth, texts + cited(path, deep: true))
  }

  private mutating func describe(_ marking: Marking, _ label: String, _ path: String) {
    let words = MarkingWords.label(marking) + (marking.inherited ? ", inherited" : "")
    sheet.add(label, behind([StyledText(words)], cited("\(path).label") + cited(path)))
    for field in Marking.descriptor.fields where field.name != "label" && field.name != "inherited" {
      describe(field, of: marking, in: path, depth: 1)
    }
  }
}

// The values.
extension Description {
  /// The texts of one value: several for a text in several languages.
  private func texts(_ value: FieldValue, _ field: FieldDescriptor, isElement: Bool = false) -> [StyledText] {
    let lead = isElement ? StyledText.bullet : ""
    switch value {
    case .message(let text as LocalizedText):
      return LocalizedWords.all(text, language).enumerated().map { index, version in
        let further = isElement ? "  " : ""
        return styled(version.text, aside: "(\(version.language))", lead: index == 0 ? lead : further)
      }
    case .message(let text as LanguageTaggedText):
      return [styled(text.value, aside: "(\(text.language))", lead: lead)]
    case .message(let time as ProtobufTimestamp) where field.name == "create_time":
      let creator = kind.descriptor.field(named: "creator").flatMap { record.value(ofField: $0.number) }
      return [styled(PointInTime.words(time), aside: creator.flatMap { String($0) }.map { "by \($0)" } ?? "")]
    case .string(let name) where field.resourceReference != nil:
      return [reference(name, lead: lead)]
    default:
      return [StyledText(FieldWords.words(value, of: field, language: language) ?? "", lead: lead)]
    }
  }

  /// A record that is referred to: its title, if it is known, and its name.
  private func reference(_ name: String, lead: String = "") -> StyledText {
    guard let title = titles[name] else { return StyledText(name, lead: lead) }
    return styled(title.full, aside: "(\(name))", lead: lead)
  }

  private func styled(_ text: String, aside: String, lead: String = "") -> StyledText {
    var styled = StyledText(text, lead: lead)
    styled.add(aside, .faint, staysWhole: true)
    return styled
  }

  private mutating func cited(_ path: String, deep: Bool = false) -> [StyledText] {
    guard showsCitations else { return [] }
    return citations.take(path, deep: deep).map { StyledText($0, .faint) }
  }

  /// Texts with citations behind the last of them: the first one in its line if there is room.
  private func behind(_ texts: [StyledText], _ citations: [StyledText]) -> [StyledText] {
    guard var last = texts.last, let first = citations.first else { return texts + citations }
    for part in first.parts { last.addAside(part.text) }
    return texts.dropLast() + [last] + citations.dropFirst()
  }
}
