package import PlenaryStore
internal import ProtobufRuntime

/// Gives a stored record the fields that follow from its version.
///
/// A stored body holds none of them, and in an encoded message a later field counts, so they are appended to the bytes:
/// the body is neither decoded nor changed, and one read costs one copy.
package struct RecordEncoder: Sendable {
  /// How long a deleted record can be restored.
  package static let retentionMicroseconds: Int64 = 30 * 24 * 3600 * 1_000_000

  /// The most bytes of the fields of a version, but for its creator.
  static let headerByteCountMax = 200

  private let tokens: VersionTokens

  /// Notes what is encoded for a caller; nil if nobody does.
  private let witness: ReadWitness?

  /// An encoder with the tokens of a store.
  package init(_ tokens: VersionTokens) {
    self.init(tokens, witness: nil)
  }

  /// An encoder for a caller.
  init(_ tokens: VersionTokens, witness: ReadWitness?) {
    self.tokens = tokens
    self.witness = witness
  }

  /// The encoded message of a record of the kind, which is kept for others who read it.
  func sharedBytes(of record: StoredRecord, _ kind: Kind) -> [UInt8] {
    witness?.note(record)
    return record.rendered { RecordEncoder(tokens).bytes(of: $0, kind) }
  }

  /// The encoded message of a record of the kind.
  package func bytes(of record: StoredRecord, _ kind: Kind) -> [UInt8] {
    let (body, fields) = (body(of: record, kind), fields(of: record, kind))
    return [UInt8](capacity: body.count + fields.byteCount) { bytes in
      bytes.append(copying: body.span)
      append(fields, to: &bytes)
    }
  }

  /// What is kept of a record of the kind and given to readers.
  func body(of record: StoredRecord, _ kind: Kind) -> [UInt8] {
    kind.hiddenField.map { WireEncoding.bytes(record.body, without: $0) } ?? record.body
  }

  // MARK: The fields of a version

  /// What the fields of a version say, which stand behind what is kept of its record.
  struct VersionFields {
    let revision: Revision
    fileprivate let born: Revision
    fileprivate let createTime: EncodedTime
    fileprivate let updateTime: EncodedTime
    fileprivate let deleteTime: CommitTime?
    fileprivate let deletedState: UInt64?
    fileprivate let creator: String

    /// The token of its revision.
    let token: VersionTokens.RevisionToken

    /// How many bytes the fields have.
    let byteCount: Int
  }

  /// The fields of a version of a record of the kind, which is about to be given to somebody.
  func fields(of record: StoredRecord, _ kind: Kind) -> VersionFields {
    witness?.note(record)
    return fields(
      record.revision, born: record.born, record.createTime, EncodedTime(record.updateTime), record.creator,
      deleteTime: record.deleteTime, kind)
  }

  /// The fields of a version that is lent. If it is given to somebody, `note` is to be told so.
  func fields(of change: LentChange, _ time: EncodedTime, _ kind: Kind) -> VersionFields {
    fields(
      change.revision, born: change.born, change.createTime, time, change.creator, deleteTime: nil, kind)
  }

  /// The least label whose versions have to be noted if they are given out; nil if none has.
  var notedLabelMin: Int32? { witness == nil ? nil : ReadWitness.labelMin }

  /// Notes that versions are given out of which this has to be noted.
  func note(_ names: [String]) {
    for name in names { witness?.note(name) }
  }

  private func fields(
    _ revision: Revision, born: Revision, _ createTime: CommitTime, _ updated: EncodedTime, _ creator: String,
    deleteTime: CommitTime?, _ kind: Kind
  ) -> VersionFields {
    let created = createTime == updated.time ? updated : EncodedTime(createTime)
    let state = deleteTime == nil ? nil : kind.deletedState.map { UInt64($0) }
    var byteCount = Self.tokensByteCount + created.byteCount(as: HeaderField.createTime)
    byteCount += updated.byteCount(as: HeaderField.updateTime)
    if let deleteTime {
      byteCount += EncodedTime(deleteTime).byteCount(as: HeaderField.deleteTime)
      byteCount += EncodedTime(Self.purgeTime(deleted: deleteTime)).byteCount(as: HeaderField.purgeTime)
    }
    if let state { byteCount += WireEncoding.byteCount(of: state, as: HeaderField.state) }
    if !creator.isEmpty {
      byteCount += WireEncoding.byteCount(ofContents: creator.utf8.count, as: HeaderField.creator)
    }
    return VersionFields(
      revision: revision, born: born, createTime: created, updateTime: updated, deleteTime: deleteTime,
      deletedState: state, creator: creator, token: tokens.revisionToken(revision), byteCount: byteCount)
  }

  /// Appends the fields of a version, where there is room for them.
  func append(_ fields: VersionFields, to bytes: inout OutputSpan<UInt8>) {
    WireEncoding.begin(HeaderField.uid, byteCount: VersionTokens.uidByteCount, in: &bytes)
    tokens.appendUID(born: fields.born, to: &bytes)
    WireEncoding.begin(HeaderField.etag, byteCount: VersionTokens.etagByteCount, in: &bytes)
    tokens.appendETag(fields.revision, to: &bytes)
    WireEncoding.begin(HeaderField.revision, byteCount: VersionTokens.revisionByteCount, in: &bytes)
    fields.token.append(to: &bytes)
    fields.createTime.append(as: HeaderField.createTime, to: &bytes)
    fields.updateTime.append(as: HeaderField.updateTime, to: &bytes)
    if let deleteTime = fields.deleteTime {
      EncodedTime(deleteTime).append(as: HeaderField.deleteTime, to: &bytes)
      EncodedTime(Self.purgeTime(deleted: deleteTime)).append(as: HeaderField.purgeTime, to: &bytes)
    }
    if let state = fields.deletedState { WireEncoding.append(state, as: HeaderField.state, to: &bytes) }
    if !fields.creator.isEmpty { WireEncoding.append(fields.creator, as: HeaderField.creator, to: &bytes) }
  }

  /// The bytes of the fields with tokens: uid, etag and revision.
  private static let tokensByteCount =
    WireEncoding.byteCount(ofContents: VersionTokens.uidByteCount, as: HeaderField.uid)
    + WireEncoding.byteCount(ofContents: VersionTokens.etagByteCount, as: HeaderField.etag)
    + WireEncoding.byteCount(ofContents: VersionTokens.revisionByteCount, as: HeaderField.revision)

  private static func purgeTime(deleted time: CommitTime) -> CommitTime {
    CommitTime(microseconds: time.microseconds + retentionMicroseconds)
  }

  /// The message of a record of the kind, with the fields that follow from its version.
  func message(of record: StoredRecord, _ kind: Kind) throws(DomainError) -> any ProtobufMessage {
    try kind.decode(bytes(of: record, kind))
  }
}
