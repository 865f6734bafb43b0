package import PlenaryStore

/// Gives a stored record the fields that follow from its version.
///
/// A stored body holds none of them, and in an encoded message a later field counts, so they are appended to the bytes:
/// the body is neither decoded nor changed, and one read costs one copy.
package struct RecordEncoder: Sendable {
  /// How long a deleted record can be restored.
  package static let retentionMicroseconds: Int64 = 30 * 24 * 3600 * 1_000_000

  /// Room for all the fields of a version.
  private static let headerByteCount = 200

  private let tokens: VersionTokens

  /// An encoder with the tokens of a store.
  package init(_ tokens: VersionTokens) {
    self.tokens = tokens
  }

  /// The encoded message of a record of the kind.
  package func bytes(of record: StoredRecord, _ kind: Kind) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(record.body.count + Self.headerByteCount)
    bytes += record.body
    Self.append(tokens.uid(born: record.born), as: HeaderField.uid, to: &bytes)
    Self.append(tokens.etag(record.revision), as: HeaderField.etag, to: &bytes)
    Self.append(tokens.token(record.revision), as: HeaderField.revision, to: &bytes)
    Self.append(record.createTime, as: HeaderField.createTime, to: &bytes)
    Self.append(record.updateTime, as: HeaderField.updateTime, to: &bytes)
    if !record.creator.isEmpty { Self.append(Array(record.creator.utf8), as: HeaderField.creator, to: &bytes) }
    if let deleteTime = record.deleteTime {
      Self.append(deleteTime, as: HeaderField.deleteTime, to: &bytes)
      Self.append(
        CommitTime(microseconds: deleteTime.microseconds + Self.retentionMicroseconds), as: HeaderField.purgeTime,
        to: &bytes)
      if let state = kind.deletedState {
        Self.appendVarint(UInt64(HeaderField.state) << 3, to: &bytes)
        Self.appendVarint(UInt64(state), to: &bytes)
      }
    }
    return bytes
  }

  /// A field of the wire type for lengths: a tag, the number of bytes, the bytes.
  private static func append(_ content: [UInt8], as field: Int32, to bytes: inout [UInt8]) {
    appendVarint(UInt64(field) << 3 | 2, to: &bytes)
    appendVarint(UInt64(content.count), to: &bytes)
    bytes += content
  }

  /// A `google.protobuf.Timestamp`: seconds in field 1, nanoseconds in field 2, zeros left out.
  private static func append(_ time: CommitTime, as field: Int32, to bytes: inout [UInt8]) {
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    var content: [UInt8] = []
    if seconds != 0 {
      content.append(1 << 3)
      appendVarint(UInt64(bitPattern: seconds), to: &content)
    }
    if microseconds != 0 {
      content.append(2 << 3)
      appendVarint(UInt64(microseconds * 1000), to: &content)
    }
    append(content, as: field, to: &bytes)
  }

  private static func appendVarint(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
