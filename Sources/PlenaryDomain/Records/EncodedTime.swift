internal import PlenaryStore
internal import ProtobufRuntime

/// A time as `google.protobuf.Timestamp`, encoded once to be written as often as it is needed: seconds in field 1,
/// nanoseconds in field 2, zeros left out.
struct EncodedTime {
  /// The bytes, the first of them in the lowest bits of the first word. Two fields take at most eleven bytes each.
  private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var byteCount = 0

  init(_ time: CommitTime) {
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    append(UInt64(bitPattern: seconds), as: 1)
    append(UInt64(microseconds * 1000), as: 2)
  }

  /// How many bytes a field takes that holds it.
  func byteCount(as field: Int32) -> Int { WireEncoding.byteCount(ofContents: byteCount, as: field) }

  /// Appends it as a field, where there is room for it.
  func append(as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    WireEncoding.begin(field, byteCount: byteCount, in: &bytes)
    bytes.append(words.0, byteCount: min(byteCount, 8))
    guard byteCount > 8 else { return }
    bytes.append(words.1, byteCount: min(byteCount - 8, 8))
    guard byteCount > 16 else { return }
    bytes.append(words.2, byteCount: byteCount - 16)
  }

  private mutating func append(_ number: UInt64, as field: UInt8) {
    guard number != 0 else { return }
    append(field << 3)
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func append(_ byte: UInt8) {
    let bits = UInt64(byte) << UInt64(byteCount % 8 * 8)
    switch byteCount / 8 {
    case 0: words.0 |= bits
    case 1: words.1 |= bits
    default: words.2 |= bits
    }
    byteCount += 1
  }
}
