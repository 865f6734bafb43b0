internal import PlenaryStore
internal import ProtobufRuntime

/// A time as `google.protobuf.Timestamp`, encoded once to be written as often as it is needed: seconds in field 1,
/// nanoseconds in field 2, zeros left out.
struct EncodedTime {
  /// The time itself.
  let time: CommitTime

  /// The length of its message and the message, the first byte in the lowest bits of the first word. Two fields take at most
  /// eleven bytes each.
  private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var byteCount = 1

  init(_ time: CommitTime) {
    self.time = time
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    append(UInt64(bitPattern: seconds), as: 1)
    append(UInt64(microseconds * 1000), as: 2)
    words.0 |= UInt64(byteCount - 1)
  }

  /// How many bytes a field takes that holds it.
  func byteCount(as field: Int32) -> Int { WireEncoding.byteCount(ofTag: field) + byteCount }

  /// Appends it as a field, where there is room for it.
  func append(as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    WireEncoding.appendTag(field, to: &bytes)
    bytes.append(words.0, byteCount: min(byteCount, 8))
    guard byteCount > 8 else { return }
    bytes.append(words.1, byteCount: min(byteCount - 8, 8))
    guard byteCount > 16 else { return }
    bytes.append(words.2, byteCount: byteCount - 16)
  }

  private mutating func append(_ number: UInt64, as field: UInt64) {
    guard number != 0 else { return }
    append(field << 3, byteCount: 1)
    let (word, rest) = WireEncoding.varint(number)
    append(word.bytes, byteCount: word.count)
    if let rest { append(rest.bytes, byteCount: rest.count) }
  }

  /// Appends the first bytes of a word, of which the others are zero.
  private mutating func append(_ word: UInt64, byteCount count: Int) {
    let shift = UInt64(byteCount % 8 * 8)
    let (low, high) = (word << shift, word >> (64 - shift))
    switch byteCount / 8 {
    case 0: words = (words.0 | low, high, 0)
    case 1: (words.1, words.2) = (words.1 | low, high)
    default: words.2 |= low
    }
    byteCount += count
  }
}
