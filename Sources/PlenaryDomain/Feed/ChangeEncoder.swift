internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Puts `plenary.v1.Change` messages together from stored bytes. Only where fields of a record are asked for is it decoded.
struct ChangeEncoder: Sendable {
  /// The numbers of the fields of a change.
  enum Field {
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

  /// Whether tokens are those of moments: to whoever does not see everything, a revision by which it could be told that
  /// more was written in a request than a record is never told.
  private let tellsMoments: Bool

  init(_ plan: ChangePlan, _ encoder: RecordEncoder, _ tokens: VersionTokens, isShared: Bool, for caller: Caller) {
    self.plan = plan
    self.encoder = encoder
    self.tokens = tokens
    self.isShared = isShared
    tellsMoments = !caller.viewer.seesEverything
  }

  /// Whether changes can be told as they are lent: nothing of a record has to be decoded, kept or compared for it.
  var takesLent: Bool {
    !isShared && !plan.includesBefore && !plan.includesChangedFields && plan.parts.allSatisfy { $0.mask == nil }
  }

  /// Appends the changes of a part as fields of a message. The last change of each request tells its revision, unless the
  /// request goes on behind the part.
  func append(_ part: FeedPart, as field: Int32, to bytes: inout [UInt8]) throws(DomainError) {
    let changes = part.changes
    for (index, change) in changes.enumerated() {
      let transaction = change.transaction
      let isLast =
        index + 1 < changes.count ? changes[index + 1].transaction != transaction : part.through >= transaction
      try append(change, revision: isLast ? transaction : nil, as: field, to: &bytes)
    }
  }

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
    let part = plan.parts[change.queryIndex]
    var outline = Outline(
      kind: change.kind, queryIndex: change.queryIndex, revision: revision, time: EncodedTime(change.time))
    let key = change.key.name.utf8
    guard let after = change.after else {
      return append(outline, key: key.span, contents: Span(), as: field, to: &bytes)
    }
    outline.actor = after.actor
    if let before = change.before {
      if plan.includesChangedFields {
        let paths = try Self.differences(from: try part.kind.decode(before), to: try part.kind.decode(after))
        WireEncoding.append(paths, as: Field.changedFields, to: &outline.comparison)
      }
      if plan.includesBefore {
        let (message, field) = (try message(of: before, part), part.kind.recordField.number)
        let byteCount = WireEncoding.byteCount(ofContents: message.count, as: field)
        WireEncoding.begin(Field.before, byteCount: byteCount, in: &outline.comparison)
        WireEncoding.append(message, as: field, to: &outline.comparison)
      }
    }
    if part.mask == nil, !isShared {
      let (version, body) = (encoder.fields(of: after, part.kind), encoder.body(of: after, part.kind))
      append(outline, key: key.span, contents: body.span, version: version, as: field, to: &bytes)
    } else {
      let message = try message(of: after, part)
      append(outline, key: key.span, contents: message.span, as: field, to: &bytes)
    }
  }

  private func message(of record: StoredRecord, _ part: ChangePlan.Part) throws(DomainError) -> [UInt8] {
    let bytes = isShared ? encoder.sharedBytes(of: record, part.kind) : encoder.bytes(of: record, part.kind)
    guard let mask = part.mask else { return bytes }
    return try Self.fields(mask, of: part.kind.message.init(stored: bytes))
  }

  // MARK: What is lent

  /// Appends a change as it is lent as a field of a message. If the message is sent, the encoder of records has to be told of
  /// what is to be noted of it.
  ///
  /// - Parameters:
  ///   - time: When it happened, encoded.
  ///   - isLast: Whether it is known to be the last of its request, and so tells its revision.
  func append(
    _ change: LentChange, at time: EncodedTime, key: Span<UInt8>, body: Span<UInt8>?, isLast: Bool, as field: Int32,
    to bytes: inout [UInt8]
  ) {
    let outline = Outline(
      kind: change.kind, queryIndex: change.queryIndex, revision: isLast ? change.transaction : nil, time: time,
      actor: body == nil ? "" : change.actor)
    guard let body else { return append(outline, key: key, contents: Span(), as: field, to: &bytes) }
    let kind = plan.parts[change.queryIndex].kind
    // An optional from the start, so that it is not copied into one.
    let version: RecordEncoder.VersionFields? = encoder.fields(of: change, time, kind)
    if let hidden = kind.hiddenField {
      let shown = WireEncoding.bytes([UInt8](copying: body), without: hidden)
      append(outline, key: key, contents: shown.span, version: version, as: field, to: &bytes)
    } else {
      append(outline, key: key, contents: body, version: version, as: field, to: &bytes)
    }
  }

  /// Has the last change tell the revision of its request after all.
  ///
  /// - Parameter start: Where the field begins with which the message ends.
  func append(_ revision: Revision, toChangeAt start: Int, in bytes: inout [UInt8]) {
    WireEncoding.extend(fieldAt: start, in: &bytes) { bytes in
      bytes.append(addingCapacity: revisionFieldByteCount) { append(revision, version: nil, to: &$0) }
    }
  }

  // MARK: The message

  /// What is told of a change, but for its record's key and the version that was written.
  private struct Outline {
    let kind: FeedChange.Kind
    let queryIndex: Int

    /// The revision of the request, if the change is the last of it.
    let revision: Revision?

    let time: EncodedTime
    var actor = ""

    /// The encoded fields that tell of the version before, of those that are wanted.
    var comparison: [UInt8] = []
  }

  /// Appends a change as a field of a message.
  ///
  /// - Parameters:
  ///   - contents: The message of the version that was written, or what is kept of its record; not looked at if it was removed.
  ///   - version: The fields of the version, which stand behind its contents; nil if these have them already.
  private func append(
    _ change: Outline, key: Span<UInt8>, contents: Span<UInt8>, version: RecordEncoder.VersionFields? = nil,
    as field: Int32, to bytes: inout [UInt8]
  ) {
    let capacity =
      Self.fixedByteCountMax + key.count + contents.count + (version?.byteCount ?? 0)
      + change.actor.utf8.count + change.comparison.count
    bytes.append(addingCapacity: capacity) { message in
      append(change, key: key, contents: contents, version: version, as: field, to: &message)
    }
  }

  /// More than a change takes besides its key, its versions and its actor: their heads, a type, a time and a token.
  private static let fixedByteCountMax = 400

  /// Appends a change as a field of a message, where there is room for it.
  private func append(
    _ change: Outline, key: Span<UInt8>, contents: Span<UInt8>, version: RecordEncoder.VersionFields?,
    as field: Int32, to message: inout OutputSpan<UInt8>
  ) {
    let recordField = plan.parts[change.queryIndex].kind.recordField.number
    let typeField = plan.parts[change.queryIndex].typeField
    let kind = UInt64(Self.kind(change.kind).rawValue)
    var byteCount = WireEncoding.byteCount(of: kind, as: Field.kind)
    byteCount += WireEncoding.byteCount(ofContents: key.count, as: Field.resource)
    byteCount += typeField.count + change.time.byteCount(as: Field.commitTime)
    if !change.actor.isEmpty {
      byteCount += WireEncoding.byteCount(ofContents: change.actor.utf8.count, as: Field.actor)
    }
    byteCount += change.comparison.count
    let messageByteCount = contents.count + (version?.byteCount ?? 0)
    let recordByteCount = WireEncoding.byteCount(ofContents: messageByteCount, as: recordField)
    if change.kind != .removed { byteCount += WireEncoding.byteCount(ofContents: recordByteCount, as: Field.after) }
    if change.revision != nil { byteCount += revisionFieldByteCount }

    WireEncoding.begin(field, byteCount: byteCount, in: &message)
    let end = message.count + byteCount
    defer { assert(message.count == end, "a change is as long as was reckoned") }
    WireEncoding.append(kind, as: Field.kind, to: &message)
    WireEncoding.append(key, as: Field.resource, to: &message)
    message.append(copying: typeField.span)
    change.time.append(as: Field.commitTime, to: &message)
    if !change.actor.isEmpty { WireEncoding.append(change.actor, as: Field.actor, to: &message) }
    message.append(copying: change.comparison.span)
    if change.kind != .removed {
      WireEncoding.begin(Field.after, byteCount: recordByteCount, in: &message)
      WireEncoding.begin(recordField, byteCount: messageByteCount, in: &message)
      message.append(copying: contents)
      if let version { encoder.append(version, to: &message) }
    }
    if let revision = change.revision { append(revision, version: version, to: &message) }
  }

  /// Appends the field with the revision of a request, where there is room for it.
  ///
  /// - Parameter version: The fields of the version that the request wrote last, if its token is there already.
  private func append(
    _ revision: Revision, version: RecordEncoder.VersionFields?, to message: inout OutputSpan<UInt8>
  ) {
    WireEncoding.begin(Field.revision, byteCount: revisionByteCount, in: &message)
    if tellsMoments {
      tokens.appendMoment(revision, to: &message)
    } else if let version, version.revision == revision {
      version.token.append(to: &message)
    } else {
      tokens.revisionToken(revision).append(to: &message)
    }
  }

  /// How many bytes the token of a request has, and the field with it.
  private var revisionByteCount: Int {
    tellsMoments ? VersionTokens.momentByteCount : VersionTokens.revisionByteCount
  }
  private var revisionFieldByteCount: Int {
    WireEncoding.byteCount(ofContents: revisionByteCount, as: Field.revision)
  }

  // MARK: What has to be decoded

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
