internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// One record as it is to be written, on its way through the examination.
struct Draft {
  /// Its kind.
  let kind: Kind

  /// Its key.
  let key: Key

  /// The stored version that it replaces; nil for a new record.
  let previous: StoredRecord?

  /// The content of that version.
  let previousContent: (any ProtobufMessage)?

  /// The content that is to be written.
  var content: any ProtobufMessage

  /// Whether the record comes from a file, which another registry may have exported, and so without what it inherited.
  var isImported = false

  /// Whether it is changed because another record is, which the caller may change.
  var isConsequence = false

  /// Whether a marking like the one that it would inherit is taken for that one: a new record, or one from a file, has
  /// no other way to say that it follows what it names.
  var followsWhatIsAlike: Bool { previous == nil || isImported }

  /// The largest record, in bytes.
  static let byteCountMax = 512 << 10

  /// The change of the store that writes it.
  func mutation() throws(DomainError) -> Mutation {
    let body = try content.encoded()
    guard body.count <= Self.byteCountMax else {
      throw DomainError(
        .limitReached, "`\(key)` would have \(body.count) bytes; a record has at most \(Self.byteCountMax)",
        metadata: ["max": "\(Self.byteCountMax)"], resource: key.name)
    }
    var originator = ""
    if case .string(let name)? = content.value(ofField: HeaderField.originatingOrganization) { originator = name }
    return .put(
      key,
      Content(
        body: body, marking: try (content.marking ?? PlenaryAPI.Marking()).stored(originator: originator),
        entries: kind.indexEntries(of: content)))
  }
}
