internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Puts `plenary.v1.Change` messages together from stored bytes. Only where fields of a record are asked for is it decoded.
struct ChangeEncoder {
  /// The numbers of the fields of a change.
  private enum Field {
    static let kind: Int32 = 1
    static let resource: Int32 = 2
    static let resourceType: Int32 = 3
    static let commitTime: Int32 = 4
    static let actor: Int32 = 5
    static let changedFields: Int32 = 6
    static let before: Int32 = 7
    static let after: Int32 = 8
    static let revision: Int32 = 9
  }

  let plan: ChangePlan
  let encoder: RecordEncoder
  let tokens: VersionTokens

  /// Whether others are about to ask for the same versions, so that it pays to keep what they are given.
  let isShared: Bool

  /// What is asked of each kind, by the number of its query.
  private let parts: [Part]

  /// Whether tokens are those of moments: to whoever does not see everything, a revision by which it could be told that
  /// more was written in a request than a record is never told.
  private let tellsMoments: Bool

  /// A change, and a record in it, as they are put together: their room is used again.
  private var message: [UInt8] = []
  private var contents: [UInt8] = []

  private struct Part {
    let kind: Kind
    let mask: FieldMask?

    /// The encoded field with the type of its records.
    let typeField: [UInt8]
  }

  init(_ plan: ChangePlan, _ encoder: RecordEncoder, _ tokens: VersionTokens, isShared: Bool, for caller: Caller) {
    self.plan = plan
    self.encoder = encoder
    self.tokens = tokens
    self.isShared = isShared
    tellsMoments = !caller.viewer.seesEverything
    parts = plan.parts.map { part in
      var typeField: [UInt8] = []
      WireEncoding.append(part.kind.resourceType, as: Field.resourceType, to: &typeField)
      return Part(kind: part.kind, mask: part.mask, typeField: typeField)
    }
  }

  /// Appends the changes of a part as fields of a message. The last change of each request tells its revision, unless the
  /// request goes on behind the part.
  mutating func append(_ part: FeedPart, as field: Int32, to bytes: inout [UInt8]) throws(DomainError) {
    let changes = part.changes
    bytes.reserveCapacity(bytes.count + changes.reduce(0) { $0 + Self.room + ($1.after?.body.count ?? 0) })
    for (index, change) in changes.enumerated() {
      let isLast =
        index + 1 < changes.count
        ? changes[index + 1].transaction != change.transaction : part.through >= change.transaction
      try append(change, revision: isLast ? change.transaction : nil, as: field, to: &bytes)
    }
  }

  /// About what a change takes besides the record.
  private static let room = 400

  /// Appends a record of a snapshot as a field of a message.
  mutating func append(
    _ record: StoredRecord, ofPart index: Int, as field: Int32, to bytes: inout [UInt8]
  ) throws(DomainError) {
    let change = FeedChange(
      kind: .created, key: record.key, queryIndex: index, time: record.updateTime, transaction: record.revision,
      after: record, before: nil)
    try append(change, revision: nil, as: field, to: &bytes)
  }

  private mutating func append(
    _ change: FeedChange, revision: Revision?, as field: Int32, to bytes: inout [UInt8]
  ) throws(DomainError) {
    let part = parts[change.queryIndex]
    message.removeAll(keepingCapacity: true)
    WireEncoding.append(UInt64(Self.kind(change.kind).rawValue), as: Field.kind, to: &message)
    WireEncoding.append(change.key.name, as: Field.resource, to: &message)
    message += part.typeField
    RecordEncoder.append(change.time, as: Field.commitTime, to: &message)
    if let after = change.after {
      if !after.actor.isEmpty { WireEncoding.append(after.actor, as: Field.actor, to: &message) }
      if plan.includesChangedFields, let before = change.before {
        let paths = try Self.differences(from: try part.kind.decode(before), to: try part.kind.decode(after))
        WireEncoding.append(paths, as: Field.changedFields, to: &message)
      }
      if plan.includesBefore, let before = change.before { try append(before, of: part, as: Field.before) }
      try append(after, of: part, as: Field.after)
    }
    if let revision {
      if tellsMoments {
        WireEncoding.begin(Field.revision, byteCount: VersionTokens.momentByteCount, in: &message)
        tokens.appendMoment(revision, to: &message)
      } else {
        WireEncoding.begin(Field.revision, byteCount: VersionTokens.revisionByteCount, in: &message)
        tokens.appendToken(revision, to: &message)
      }
    }
    WireEncoding.append(message, as: field, to: &bytes)
  }

  /// Appends a version as the one field of a `plenary.v1.Record`.
  private mutating func append(_ record: StoredRecord, of part: Part, as field: Int32) throws(DomainError) {
    if isShared {
      contents = encoder.sharedBytes(of: record, part.kind)
    } else {
      contents.removeAll(keepingCapacity: true)
      encoder.append(record, part.kind, to: &contents)
    }
    if let mask = part.mask { contents = try Self.fields(mask, of: try part.kind.message.init(stored: contents)) }
    let number = part.kind.recordField.number
    let headCount =
      WireEncoding.byteCount(ofVarint: UInt64(number) << 3) + WireEncoding.byteCount(ofVarint: UInt64(contents.count))
    WireEncoding.begin(field, byteCount: headCount + contents.count, in: &message)
    WireEncoding.begin(number, byteCount: contents.count, in: &message)
    message += contents
  }

  private static func fields(_ mask: FieldMask, of message: some ProtobufMessage) throws(DomainError) -> [UInt8] {
    try mask.fields(of: message).encoded()
  }

  /// The paths of what differs, in a `google.protobuf.FieldMask`: as callers set it, and what the registry keeps of a record,
  /// such as its state.
  private static func differences(
    from old: any ProtobufMessage, to new: any ProtobufMessage
  ) throws(DomainError) -> [UInt8] {
    var mask = ProtobufFieldMask()
    mask.paths = FieldMask.differences(from: old, to: new)
    for field in type(of: new).descriptor.fields where field.behaviors.contains(.outputOnly) {
      if old.value(ofField: field.number) != new.value(ofField: field.number) { mask.paths.append(field.name) }
    }
    return try mask.encoded()
  }

  private static func kind(_ kind: FeedChange.Kind) -> PlenaryAPI.Change.Kind {
    switch kind {
    case .created: .created
    case .updated: .updated
    case .removed: .removed
    }
  }
}
