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
  func append(_ part: FeedPart, as field: Int32, to bytes: inout [UInt8]) throws(DomainError) {
    let changes = part.changes.span
    var byteCount = bytes.count
    for index in changes.indices { byteCount += Self.room + (changes[index].after?.body.count ?? 0) }
    bytes.reserveCapacity(byteCount)
    for index in changes.indices {
      let transaction = changes[index].transaction
      let isLast =
        index + 1 < changes.count ? changes[index + 1].transaction != transaction : part.through >= transaction
      try append(changes[index], revision: isLast ? transaction : nil, as: field, to: &bytes)
    }
  }

  /// About what a change takes besides the record.
  private static let room = 400

  /// Appends a record of a snapshot as a field of a message.
  func append(
    _ record: StoredRecord, ofPart index: Int, as field: Int32, to bytes: inout [UInt8]
  ) throws(DomainError) {
    let change = FeedChange(
      kind: .created, key: record.key, queryIndex: index, time: record.updateTime, transaction: record.revision,
      after: record, before: nil)
    try append(change, revision: nil, as: field, to: &bytes)
  }

  private func append(
    _ change: FeedChange, revision: Revision?, as field: Int32, to bytes: inout [UInt8]
  ) throws(DomainError) {
    let part = parts[change.queryIndex]
    let byteCountAbout = Self.room + (change.after?.body.count ?? 0)
    try WireEncoding.append(field, byteCountAbout: byteCountAbout, to: &bytes) { message throws(DomainError) in
      WireEncoding.append(UInt64(Self.kind(change.kind).rawValue), as: Field.kind, to: &message)
      WireEncoding.append(change.key.name, as: Field.resource, to: &message)
      message += part.typeField
      message.append(addingCapacity: RecordEncoder.timeByteCountMax) {
        RecordEncoder.append(change.time, as: Field.commitTime, to: &$0)
      }
      let token = change.after.map { tokens.revisionToken($0.revision) }
      if let after = change.after {
        if !after.actor.isEmpty { WireEncoding.append(after.actor, as: Field.actor, to: &message) }
        if plan.includesChangedFields, let before = change.before {
          let paths = try Self.differences(from: try part.kind.decode(before), to: try part.kind.decode(after))
          WireEncoding.append(paths, as: Field.changedFields, to: &message)
        }
        if plan.includesBefore, let before = change.before {
          try append(before, of: part, token: nil, as: Field.before, to: &message)
        }
        try append(after, of: part, token: token, as: Field.after, to: &message)
      }
      guard let revision else { return }
      if tellsMoments {
        WireEncoding.begin(Field.revision, byteCount: VersionTokens.momentByteCount, in: &message)
        message.append(addingCapacity: VersionTokens.momentByteCount) { tokens.appendMoment(revision, to: &$0) }
      } else {
        WireEncoding.begin(Field.revision, byteCount: VersionTokens.revisionByteCount, in: &message)
        let told = (change.after?.revision == revision ? token : nil) ?? tokens.revisionToken(revision)
        message.append(addingCapacity: VersionTokens.revisionByteCount) { told.append(to: &$0) }
      }
    }
  }

  /// Appends a version as the one field of a `plenary.v1.Record`.
  private func append(
    _ record: StoredRecord, of part: Part, token: VersionTokens.RevisionToken?, as field: Int32,
    to bytes: inout [UInt8]
  ) throws(DomainError) {
    let number = part.kind.recordField.number
    let byteCountAbout = record.body.count + RecordEncoder.headerByteCount
    try WireEncoding.append(field, byteCountAbout: byteCountAbout, to: &bytes) { bytes throws(DomainError) in
      try WireEncoding.append(number, byteCountAbout: byteCountAbout, to: &bytes) { bytes throws(DomainError) in
        if part.mask == nil, !isShared { return encoder.append(record, part.kind, token: token, to: &bytes) }
        var contents = isShared ? encoder.sharedBytes(of: record, part.kind) : encoder.bytes(of: record, part.kind)
        if let mask = part.mask { contents = try Self.fields(mask, of: part.kind.message.init(stored: contents)) }
        bytes += contents
      }
    }
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
