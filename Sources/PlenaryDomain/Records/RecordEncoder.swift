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
    bytes.reserveCapacity(record.body.count + Self.headerByteCount + record.creator.utf8.count)
    bytes += record.body
    Self.begin(HeaderField.uid, VersionTokens.uidByteCount, in: &bytes)
    tokens.appendUID(born: record.born, to: &bytes)
    Self.begin(HeaderField.etag, VersionTokens.etagByteCount, in: &bytes)
    tokens.appendETag(record.revision, to: &bytes)
    Self.begin(HeaderField.revision, VersionTokens.revisionByteCount, in: &bytes)
    tokens.appendToken(record.revision, to: &bytes)
    Self.append(record.createTime, as: HeaderField.createTime, to: &bytes)
    Self.append(record.updateTime, as: HeaderField.updateTime, to: &bytes)
    if !record.creator.isEmpty {
      Self.begin(HeaderField.creator, record.creator.utf8.count, in: &bytes)
      bytes += record.creator.utf8
    }
    if let deleteTime = record.deleteTime {
      Self.append(deleteTime, as: HeaderField.deleteTime, to: &bytes)
      let purgeTime = CommitTime(microseconds: deleteTime.microseconds + Self.retentionMicroseconds)
      Self.append(purgeTime, as: HeaderField.purgeTime, to: &bytes)
      if let state = kind.deletedState {
        Self.appendVarint(UInt64(HeaderField.state) << 3, to: &bytes)
        Self.appendVarint(UInt64(state), to: &bytes)
      }
    }
    return bytes
  }

  /// Begins a field that consists of so many bytes: with its tag, of the wire type for lengths, and the length.
  private static func begin(_ field: Int32, _ byteCount: Int, in bytes: inout [UInt8]) {
    appendVarint(UInt64(field) << 3 | 2, to: &bytes)
    appendVarint(UInt64(byteCount), to: &bytes)
  }

  /// Appends a `google.protobuf.Timestamp`: seconds in field 1, nanoseconds in field 2, zeros left out.
  private static func append(_ time: CommitTime, as field: Int32, to bytes: inout [UInt8]) {
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    begin(field, 0, in: &bytes)
    let start = bytes.count
    if seconds != 0 {
      bytes.append(1 << 3)
      appendVarint(UInt64(bitPattern: seconds), to: &bytes)
    }
    if microseconds != 0 {
      bytes.append(2 << 3)
      appendVarint(UInt64(microseconds * 1000), to: &bytes)
    }
    // Two numbers take 22 bytes at most, so the length fits the one byte that stands for it.
    bytes[start - 1] = UInt8(bytes.count - start)
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
