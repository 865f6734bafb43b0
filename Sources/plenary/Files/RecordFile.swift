internal import PlenaryAPI
internal import ProtobufRuntime

/// The records of a file.
///
/// A file holds bundles, as export writes them, or records, as get and list write them, alone or in a list; of YAML, any
/// number of documents with either.
struct RecordFile {
  /// A record and where it was read.
  struct Item {
    let record: Record
    /// Such as `asia.json records[3]`.
    let place: String
  }

  /// What files hold, for the help of the verbs.
  static let help = """
    A file is JSON or YAML: what export writes, or records as get and list write them, each with its name. YAML may have \
    any number of documents.
    """

  private let contents: InputFile.Contents
  private let ignoresUnknownFields: Bool

  /// Reads a file.
  ///
  /// - Throws: a `Failure` that says what is wrong with the file, and where in it.
  init(_ file: InputFile, ignoresUnknownFields: Bool = false) throws(Failure) {
    contents = try file.contents(of: "a Bundle or records")
    self.ignoresUnknownFields = ignoresUnknownFields
  }

  /// The records, in the order in which they stand.
  ///
  /// - Throws: a `Failure` that says what is no record, and where.
  func items() throws(Failure) -> [Item] {
    var items: [Item] = []
    for (index, document) in contents.documents.enumerated() {
      let place = contents.documents.count == 1 ? "" : " document \(index + 1)"
      switch document.value {
      case .array(let elements):
        for (index, element) in elements.enumerated() {
          let record = try record(element, at: "[\(index)]")
          items.append(Item(record: record, place: "\(contents.title)\(place) [\(index)]"))
        }
      case .object(let members) where Self.isRecord(members):
        items.append(Item(record: try record(document, at: ""), place: contents.title + place))
      default:
        let bundle = try contents.message(Bundle.self, from: document, ignoresUnknownFields: ignoresUnknownFields)
        for (index, record) in bundle.records.enumerated() {
          items.append(Item(record: record, place: "\(contents.title)\(place) records[\(index)]"))
        }
      }
    }
    return items
  }

  /// Whether an object is a record and not a bundle.
  private static func isRecord(_ members: [JSONNode.Member]) -> Bool {
    members.contains { $0.name == "name" || Record.descriptor.field(named: $0.name) != nil }
  }

  /// A record: as bundles have it, below the word for its kind, or with a name that tells its kind.
  private func record(_ node: JSONNode, at path: String) throws(Failure) -> Record {
    guard case .object(let members) = node.value, let name = members.first(where: { $0.name == "name" }) else {
      return try contents.message(Record.self, from: node, at: path, ignoresUnknownFields: ignoresUnknownFields)
    }
    let namePath = path.isEmpty ? "name" : "\(path).name"
    switch name.value.value {
    case .string(let text), .plain(let text):
      guard let kind = KindCatalog.registry.kind(ofName: text),
        let field = Record.descriptor.fields.first(where: { $0.type.valueMessage?.descriptor === kind.descriptor })
      else { throw contents.failure("no record has a name like \"\(text)\"", name.value, at: namePath) }
      return try record(kind.message, node, field.number, at: path)
    default:
      throw contents.failure("the name of a record belongs here, not \(name.value.kind)", name.value, at: namePath)
    }
  }

  private func record<Message: ResourceMessage>(
    _ type: Message.Type, _ node: JSONNode, _ field: Int32, at path: String
  ) throws(Failure) -> Record {
    let message = try contents.message(type, from: node, at: path, ignoresUnknownFields: ignoresUnknownFields)
    var record = Record()
    do {
      try record.setValue(.message(message), ofField: field)
    } catch {
      throw contents.failure("\(error.reason)", node, at: path)
    }
    return record
  }
}
