internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// The records of one kind as comma-separated values, RFC 4180.
///
/// The columns follow from the fields of the kind alone, in the order of the proto, without those that the registry sets
/// but an import cannot give. A field has one column, named as the field is, but for these:
///
/// - A message has a column for each of its fields, `location.locality`, and so on for messages in it.
/// - A text in several languages has three: `title`, in the language that is wanted or what stands in for it;
///   `title.language`, which that is; and `title.all`, an object of all of them by language, in JSON.
/// - A date is written as far as it is known, `2017-05`; a time in RFC 3339, UTC; a mark as the Traffic Light Protocol
///   writes it; the value of any other enum by its name.
/// - A list or map is one cell, an array or object in JSON, of records as ProtoJSON has them; an empty one is an empty cell.
///
/// Texts that a spreadsheet would take for formulas are guarded as `CSVText` has it.
struct CSVTable {
  static let mediaType = "text/csv; charset=utf-8; header=present"

  /// How a column is read off a record: its cell, from the record or the message in it that has the field.
  private struct Column {
    let name: String
    /// The fields that lead to the message, the outermost first.
    let path: [FieldDescriptor]
    let cell: @Sendable (any ProtobufMessage, [LanguageTag]) throws(DomainError) -> CSVText.Cell
  }

  private let columns: [Column]
  private let languages: [LanguageTag]

  /// The table of a kind.
  init(of kind: Kind, _ languages: [LanguageTag]) {
    self.languages = languages
    var columns: [Column] = []
    for field in kind.message.descriptor.fields where field.number != kind.hiddenField {
      if !field.behaviors.contains(.outputOnly) || kind.isGivenByImports(field) {
        // A token of the version that was read is of no use to whoever reads a table.
        if field.number != HeaderField.etag { columns += Self.columns(of: field, "", []) }
      }
    }
    self.columns = columns
  }

  /// The names of the columns.
  var names: [String] { columns.map(\.name) }

  /// The first line.
  func head() -> [UInt8] { CSVText.line(names.map { .plain($0) }) }

  /// The line of a record in canonical form.
  func line(of record: any ProtobufMessage) throws(DomainError) -> [UInt8] {
    var cells: [CSVText.Cell] = []
    cells.reserveCapacity(columns.count)
    for column in columns {
      var message: (any ProtobufMessage)? = record
      for field in column.path { message = message?.value(ofField: field.number)?.message }
      cells.append(try message.map { message throws(DomainError) in try column.cell(message, languages) } ?? .plain(""))
    }
    return CSVText.line(cells)
  }

  private static func columns(of field: FieldDescriptor, _ prefix: String, _ path: [FieldDescriptor]) -> [Column] {
    let name = prefix + field.name
    guard field.cardinality != .repeated, !field.isMap, case .message(let type) = field.type else {
      return [Column(name: name, path: path) { message, _ throws(DomainError) in try cell(of: field, in: message) }]
    }
    switch type {
    case is LocalizedText.Type: return textColumns(of: field, name, path)
    case is GoogleDate.Type, is ProtobufTimestamp.Type:
      return [Column(name: name, path: path) { message, _ in momentCell(of: field, in: message) }]
    default:
      return type.descriptor.fields.filter { !$0.behaviors.contains(.outputOnly) }.flatMap {
        columns(of: $0, name + ".", path + [field])
      }
    }
  }

  private static func textColumns(of field: FieldDescriptor, _ name: String, _ path: [FieldDescriptor]) -> [Column] {
    @Sendable func text(in message: any ProtobufMessage) -> LocalizedText? {
      message.value(ofField: field.number)?.message as? LocalizedText
    }
    return [
      Column(name: name, path: path) { message, languages in
        .text(text(in: message)?.chosen(languages)?.text ?? "")
      },
      Column(name: name + ".language", path: path) { message, languages in
        .plain(text(in: message)?.chosen(languages)?.language ?? "")
      },
      Column(name: name + ".all", path: path) { message, _ in
        let texts = text(in: message)?.texts ?? []
        guard !texts.isEmpty else { return .plain("") }
        return .text(JSONTree.object(texts.map { .init($0.language, .string($0.text)) }).line)
      },
    ]
  }

  private static func momentCell(of field: FieldDescriptor, in message: any ProtobufMessage) -> CSVText.Cell {
    switch message.value(ofField: field.number)?.message {
    case let date as GoogleDate: .plain(PartialDate(date)?.description ?? "")
    case let time as ProtobufTimestamp: .plain(UTCText.extended(time))
    default: .plain("")
    }
  }

  private static func cell(
    of field: FieldDescriptor, in message: any ProtobufMessage
  ) throws(DomainError) -> CSVText.Cell {
    guard let value = message.value(ofField: field.number) else { return .plain("") }
    switch value {
    case .list(let values) where values.isEmpty: return .plain("")
    case .map(let entries) where entries.isEmpty: return .plain("")
    case .list, .map: return .text(try json(value, field.type).line)
    case .string(let text): return .text(text)
    case .bytes(let bytes): return .text(Base64.encode(bytes, padded: true))
    case .enumeration(let number): return .plain(word(number, field.type))
    case .bool(let truth): return .plain(truth ? "true" : "false")
    // Zero is what a number is that nobody has given, if its absence cannot be told.
    default: return .plain(field.cardinality == .singular && isZero(value) ? "" : plain(value))
    }
  }

  /// A value in JSON.
  private static func json(_ value: FieldValue, _ type: FieldType) throws(DomainError) -> JSONTree {
    switch value {
    case .list(let values):
      var trees: [JSONTree] = []
      for value in values { trees.append(try json(value, type)) }
      return .array(trees)
    case .map(let entries):
      guard case .map(_, let valueType) = type else { preconditionFailure("a map is of a map's type") }
      var members: [JSONTree.Member] = []
      for entry in entries {
        let key = if case .string(let text) = entry.key { text } else { plain(entry.key) }
        members.append(.init(key, try json(entry.value, valueType)))
      }
      return .object(members)
    case .message(let message): return try tree(of: message)
    case .string(let text): return .string(text)
    case .bytes(let bytes): return .string(Base64.encode(bytes, padded: true))
    case .enumeration(let number): return .string(word(number, type))
    case .bool(let truth): return .bool(truth)
    default: return .number(plain(value))
    }
  }

  /// A message as ProtoJSON has it, its fields in the order of the proto; dates as everywhere in a table.
  private static func tree(of message: any ProtobufMessage) throws(DomainError) -> JSONTree {
    if let date = message as? GoogleDate { return .string(PartialDate(date)?.description ?? "") }
    if let time = message as? ProtobufTimestamp { return .string(UTCText.extended(time)) }
    var members: [JSONTree.Member] = []
    for field in type(of: message).descriptor.fields {
      guard let value = message.value(ofField: field.number) else { continue }
      switch value {
      case .list(let values) where values.isEmpty: continue
      case .map(let entries) where entries.isEmpty: continue
      case .string(let text) where text.isEmpty && field.cardinality == .singular: continue
      case .enumeration(0) where field.cardinality == .singular: continue
      case .bool(false) where field.cardinality == .singular: continue
      default: if field.cardinality == .singular, isZero(value) { continue }
      }
      members.append(.init(field.jsonName, try json(value, field.type)))
    }
    return .object(members)
  }

  private static func word(_ number: Int32, _ type: FieldType) -> String {
    guard case .enumeration(let type) = type, number != 0 else { return "" }
    if type is Marking.Label.Type, let text = TLPLabel.text(Marking.Label(rawValue: number)) { return text }
    return type.descriptor.name(of: number) ?? String(number)
  }

  private static func isZero(_ value: FieldValue) -> Bool {
    switch value {
    case .double(let number): number == 0
    case .float(let number): number == 0
    case .int32(let number): number == 0
    case .int64(let number): number == 0
    case .uint32(let number): number == 0
    case .uint64(let number): number == 0
    default: false
    }
  }

  private static func plain(_ value: FieldValue) -> String {
    switch value {
    case .double(let number): "\(number)"
    case .float(let number): "\(number)"
    case .int32(let number): "\(number)"
    case .int64(let number): "\(number)"
    case .uint32(let number): "\(number)"
    case .uint64(let number): "\(number)"
    default: ""
    }
  }
}
