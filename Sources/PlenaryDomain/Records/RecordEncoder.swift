package import PlenaryStore
internal import ProtobufRuntime

/// Gives a stored record the fields that follow from its version.
///
/// A stored body holds none of them, and in an encoded message a later field counts, so they are appended to the bytes:
/// the body is neither decoded nor changed, and one read costs one copy.
package struct RecordEncoder: Sendable {
  /// How long a deleted record can be restored.
  package static let retentionMicroseconds: Int64 = 30 * 24 * 3600 * 1_000_000

  /// Room for the fields of a version, but for its creator.
  static let headerByteCount = 200

  /// The most bytes of a field with a time.
  static let timeByteCountMax = 32

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
    var bytes: [UInt8] = []
    bytes.reserveCapacity(record.body.count + Self.headerByteCount + record.creator.utf8.count)
    append(record, kind, to: &bytes)
    return bytes
  }

  /// Appends the encoded message of a record of the kind.
  ///
  /// - Parameter token: The token of its revision, if somebody has made it already.
  package func append(
    _ record: StoredRecord, _ kind: Kind, token: VersionTokens.RevisionToken? = nil, to bytes: inout [UInt8]
  ) {
    witness?.note(record)
    if let hidden = kind.hiddenField {
      bytes += WireEncoding.bytes(record.body, without: hidden)
    } else {
      bytes += record.body
    }
    bytes.append(addingCapacity: Self.headerByteCount) { header in
      WireEncoding.begin(HeaderField.uid, byteCount: VersionTokens.uidByteCount, in: &header)
      tokens.appendUID(born: record.born, to: &header)
      WireEncoding.begin(HeaderField.etag, byteCount: VersionTokens.etagByteCount, in: &header)
      tokens.appendETag(record.revision, to: &header)
      WireEncoding.begin(HeaderField.revision, byteCount: VersionTokens.revisionByteCount, in: &header)
      (token ?? tokens.revisionToken(record.revision)).append(to: &header)
      Self.append(record.createTime, as: HeaderField.createTime, to: &header)
      Self.append(record.updateTime, as: HeaderField.updateTime, to: &header)
      if let deleteTime = record.deleteTime {
        Self.append(deleteTime, as: HeaderField.deleteTime, to: &header)
        let purgeTime = CommitTime(microseconds: deleteTime.microseconds + Self.retentionMicroseconds)
        Self.append(purgeTime, as: HeaderField.purgeTime, to: &header)
        if let state = kind.deletedState {
          WireEncoding.append(UInt64(state), as: HeaderField.state, to: &header)
        }
      }
    }
    if !record.creator.isEmpty {
      WireEncoding.append(record.creator, as: HeaderField.creator, to: &bytes)
    }
  }

  /// The message of a record of the kind, with the fields that follow from its version.
  func message(of record: StoredRecord, _ kind: Kind) throws(DomainError) -> any ProtobufMessage {
    try kind.decode(bytes(of: record, kind))
  }

  /// Appends a `google.protobuf.Timestamp`: seconds in field 1, nanoseconds in field 2, zeros left out.
  static func append(_ time: CommitTime, as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    let (whole, part) = (UInt64(bitPattern: seconds), UInt64(microseconds * 1000))
    let byteCount =
      (whole == 0 ? 0 : 1 + WireEncoding.byteCount(ofVarint: whole))
      + (part == 0 ? 0 : 1 + WireEncoding.byteCount(ofVarint: part))
    WireEncoding.begin(field, byteCount: byteCount, in: &bytes)
    if whole != 0 { WireEncoding.append(whole, as: 1, to: &bytes) }
    if part != 0 { WireEncoding.append(part, as: 2, to: &bytes) }
  }
}
