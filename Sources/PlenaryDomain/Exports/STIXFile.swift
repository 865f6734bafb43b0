internal import Crypto
internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// Organizations and findings as a STIX 2.1 bundle.
///
/// An organization is an identity, a finding a note on the dialogue that it was made at, and that dialogue a grouping of its
/// notes. Their ids hold the uids of the records, so they stay the same from export to export. Each object is in one
/// language and points to the definition of its mark; its texts in other languages are language-content of their own.
struct STIXFile: FileFormat {
  static let mediaType = "application/stix+json;version=2.1"
  static let writtenKinds: [Kind] = [.organization, .finding]
  static let consultedKinds: [Kind] = [.organization, .dialogue]

  /// The namespace of the ids that follow from others (RFC 9562 §5.5): one of ours, which never changes.
  private static let namespace: [UInt8] = [
    0x8d, 0x1f, 0x2c, 0x5e, 0x63, 0x0a, 0x4b, 0x7e, 0x9c, 0x41, 0x2f, 0x86, 0xd0, 0x57, 0x1b, 0xe3,
  ]

  /// The definitions of TLP 2.0 that OASIS has published, by label: their ids, and their words in the extension.
  static let definitions: [(label: Marking.Label, id: String, word: String)] = [
    (.clear, "94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"),
    (.green, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"),
    (.amber, "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"),
    (.amberStrict, "939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"),
    (.red, "e828b379-4e03-4974-9ac4-e53a884c97c1", "red"),
  ]

  private static let extensionID = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

  /// What one part of the file is.
  private enum Part {
    case definition(Int)
    case identity(Organization)
    case grouping(Dialogue)
    case note(Finding)
  }

  private let records: ExportedRecords
  private let options: ExportOptions
  private let parts: [Part]
  private let findings: [String: [Finding]]
  private var digest = Insecure.SHA1()

  init(_ records: ExportedRecords, _ options: ExportOptions) {
    self.records = records
    self.options = options
    let written = records.written(Finding.self).filter { finding in
      NamePattern.parent(of: finding.name).flatMap { records.find($0, as: Dialogue.self, for: finding) } != nil
    }
    findings = Dictionary(grouping: written) { NamePattern.parent(of: $0.name) ?? "" }
    let dialogues = records.all(Dialogue.self).filter { [findings] in findings[$0.name] != nil }
    let used = Set(
      (records.written(Organization.self) as [any ProtobufMessage] + written + dialogues).map(\.label))
    let definitions = Self.definitions.indices.filter { used.contains(Self.definitions[$0].label) }
    parts =
      definitions.map { .definition($0) } + records.written(Organization.self).map { .identity($0) }
      + dialogues.map { .grouping($0) } + written.map { .note($0) }
  }

  var partCount: Int { parts.count }

  mutating func head() -> [UInt8] {
    digest.update(data: Self.namespace)
    // A list without objects is none (STIX 2.1 §2.5).
    return Array("{\n  \"type\": \"bundle\",\n\(parts.isEmpty ? "" : "  \"objects\": [")".utf8)
  }

  mutating func part(_ index: Int) -> [UInt8] {
    let objects =
      switch parts[index] {
      case .definition(let index): [Self.definition(Self.definitions[index])]
      case .identity(let organization): identity(organization)
      case .grouping(let dialogue): grouping(dialogue)
      case .note(let finding): note(finding)
      }
    var bytes: [UInt8] = []
    for (place, object) in objects.enumerated() {
      bytes += (index == 0 && place == 0 ? "\n    " : ",\n    ").utf8
      bytes += object.bytes(indentation: 2)
    }
    digest.update(data: bytes)
    return bytes
  }

  /// The id of the bundle comes last, since it follows from all the rest.
  mutating func tail() -> [UInt8] {
    let id = "bundle--" + Self.uuid(Array(digest.finalize()))
    return Array("\(parts.isEmpty ? "" : "\n  ],\n")  \"id\": \"\(id)\"\n}\n".utf8)
  }

  // MARK: Objects

  private static func definition(_ definition: (label: Marking.Label, id: String, word: String)) -> JSONTree {
    .members([
      "type": .string("marking-definition"), "spec_version": .string("2.1"),
      "id": .string("marking-definition--\(definition.id)"), "created": .string("2022-10-01T00:00:00.000Z"),
      "name": TLPLabel.text(definition.label).map { .string($0) },
      "extensions": .members([
        extensionID: .members([
          "extension_type": .string("property-extension"), "tlp_2_0": .string(definition.word),
        ])
      ]),
    ])
  }

  private func identity(_ organization: Organization) -> [JSONTree] {
    let references = organization.identifiers.map { identifier in
      let isAddress = identifier.value.hasPrefix("https://") || identifier.value.hasPrefix("http://")
      return JSONTree.members([
        "source_name": .string(identifier.scheme.description), "url": isAddress ? .string(identifier.value) : nil,
        "external_id": .string(identifier.value),
      ])
    }
    let sector: JSONTree? =
      [.governmentMinistry, .governmentBody].contains(organization.kind) ? .array([.string("government")]) : nil
    return object(
      "identity", organization, texts: [("name", organization.title), ("description", organization.description)],
      [
        "identity_class": .string("organization"), "sectors": sector,
        "contact_information": .text(organization.url), "external_references": .list(references),
      ])
  }

  private func grouping(_ dialogue: Dialogue) -> [JSONTree] {
    let notes = findings[dialogue.name] ?? []
    // It tells how many notes there are, so it is marked as strictly as the strictest of them.
    let label = notes.map(\.label).max { $0.rawValue < $1.rawValue } ?? dialogue.label
    return object(
      "grouping", dialogue, marked: max(label.rawValue, dialogue.label.rawValue),
      texts: [("name", dialogue.title), ("description", dialogue.summary)],
      ["context": .string("unspecified"), "object_refs": .array(notes.map { .string("note--\($0.uid)") })])
  }

  private func note(_ finding: Finding) -> [JSONTree] {
    let dialogue = NamePattern.parent(of: finding.name).flatMap { records.find($0, as: Dialogue.self, for: finding) }
    var about = dialogue.map { [JSONTree.string("grouping--\($0.uid)")] } ?? []
    if dialogue?.attributionRule != .chathamHouse, records.isWritten(finding.contributor, for: finding),
      let contributor = records.find(finding.contributor, as: Organization.self, for: finding)
    {
      about.append(.string("identity--\(contributor.uid)"))
    }
    return object(
      "note", finding, texts: [("content", finding.text)],
      [
        "labels": .array([.string(finding.kind.description.lowercased().replacing("_", with: "-"))]),
        "object_refs": .array(about),
      ])
  }

  /// An object with what all have in common, and what it says in other languages.
  private func object(
    _ type: String, _ record: any ProtobufMessage, marked label: Int32? = nil,
    texts: [(property: String, text: LocalizedText?)],
    _ properties: KeyValuePairs<String, JSONTree?>
  ) -> [JSONTree] {
    let header = Header(record)
    let id = "\(type)--\(header.uid)"
    let marks = Self.definitions.first { $0.label.rawValue == label ?? record.label.rawValue }
      .map { JSONTree.array([.string("marking-definition--\($0.id)")]) }
    let chosen = texts.compactMap { entry in
      entry.text?.chosen(options.languages).map { (property: entry.property, language: $0.language, text: $0.text) }
    }
    var author: JSONTree?
    if !isUnderRule(record), records.isWritten(record.originator, for: record),
      let organization = records.find(record.originator, as: Organization.self, for: record),
      organization.uid != header.uid
    {
      author = .string("identity--\(organization.uid)")
    }
    var members: [JSONTree.Member] = []
    func common(_ type: String, _ id: String) -> JSONTree {
      .members([
        "type": .string(type), "spec_version": .string("2.1"), "id": .string(id), "created_by_ref": author,
        "created": .string(header.created), "modified": .string(header.modified), "object_marking_refs": marks,
      ])
    }
    if case .object(let first) = common(type, id) { members += first }
    if let language = chosen.first?.language { members.append(.init("lang", .string(language))) }
    // One object has one language: what is there in another alone is among the contents below.
    for text in chosen where text.language == chosen.first?.language {
      members.append(.init(text.property, .string(text.text)))
    }
    if type == "identity" || type == "grouping", !members.contains(where: { $0.name == "name" }) {
      members.append(.init("name", .string(record.resourceName)))
    }
    members += properties.compactMap { name, value in value.map { .init(name, $0) } }
    let contents = contents(texts, except: chosen.first?.language)
    guard !contents.isEmpty,
      case .object(var content) = common(
        "language-content", "language-content--" + Self.uuid(named: id))
    else { return [.object(members)] }
    content.append(.init("object_ref", .string(id)))
    content.append(.init("object_modified", .string(header.modified)))
    content.append(.init("contents", .object(contents)))
    return [.object(members), .object(content)]
  }

  /// Whether a record is of a dialogue under the Chatham House Rule: who entered it could be taken for who said it.
  private func isUnderRule(_ record: any ProtobufMessage) -> Bool {
    if let dialogue = record as? Dialogue { return dialogue.attributionRule == .chathamHouse }
    guard let parent = NamePattern.parent(of: record.resourceName), Kind.dialogue.pattern.matches(parent) else {
      return false
    }
    // The past of a dialogue that came under it since is for few, and that of its children is not.
    return records.find(parent, as: Dialogue.self, for: record).map { $0.attributionRule == .chathamHouse } ?? true
  }

  /// What the properties are in each language but one.
  private func contents(
    _ texts: [(property: String, text: LocalizedText?)], except language: String?
  ) -> [JSONTree.Member] {
    let languages = Set(texts.flatMap { $0.text?.values.keys.map { $0 } ?? [] }).sorted()
    return languages.filter { $0 != language }.map { language in
      .init(
        language,
        .object(texts.compactMap { entry in entry.text?.values[language].map { .init(entry.property, .string($0)) } }))
    }
  }

  /// A name-based UUID, of the fifth version.
  private static func uuid(named name: String) -> String {
    uuid(Array(Insecure.SHA1.hash(data: namespace + Array(name.utf8))))
  }

  /// RFC 9562 §5.5: the first sixteen bytes of a digest, with the version and the variant in their places.
  private static func uuid(_ digest: [UInt8]) -> String {
    var bytes = Array(digest.prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text += "-" }
      text.append(digit)
    }
    return text
  }

  /// The parts of a record's header that objects have.
  private struct Header {
    var uid = ""
    var created = UTCText.extended(.init(), milliseconds: true)
    var modified = UTCText.extended(.init(), milliseconds: true)

    init(_ record: any ProtobufMessage) {
      if case .string(let uid)? = record.value(ofField: HeaderField.uid) { self.uid = uid }
      func time(_ field: Int32) -> String? {
        guard let value = record.value(ofField: field)?.message as? ProtobufTimestamp else { return nil }
        return UTCText.extended(value, milliseconds: true)
      }
      if let time = time(HeaderField.createTime) { created = time }
      if let time = time(HeaderField.updateTime) { modified = time }
    }
  }
}
