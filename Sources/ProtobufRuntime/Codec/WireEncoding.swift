/// Fields of an encoded message, appended to bytes that are one already: for messages that are put together from parts
/// which need not be decoded.
package enum WireEncoding {
  /// The encoded message without a field. The bytes must be a whole message.
  package static func bytes(_ message: [UInt8], without field: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(message.count)
    for found in WireFields(message) where found.number != field { bytes += message[found.whole] }
    return bytes
  }

  /// The most bytes of a number in the variable-length form.
  private static let varintByteCountMax = 10

  /// How many bytes a number takes in the variable-length form.
  @inlinable
  package static func byteCount(ofVarint number: UInt64) -> Int { (70 - (number | 1).leadingZeroBitCount) / 7 }

  /// Appends a number in the variable-length form, where there is room for it.
  @inlinable
  package static func appendVarint(_ number: UInt64, to bytes: inout OutputSpan<UInt8>) {
    // Nearly all tags and lengths are short.
    if number < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: number)) }
    var rest = number
    if number >= 1 << 56 {
      // More than a word: what does not fit it comes first.
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      bytes.append(UInt8(truncatingIfNeeded: rest >> 7) | 0x80)
      rest >>= 14
    }
    let byteCount = Self.byteCount(ofVarint: rest)
    // Seven bits to each byte, and the eighth set in all bytes but the last.
    var word = rest & 0x7F
    word |= rest << 1 & 0x7F00
    word |= rest << 2 & 0x7F_0000
    word |= rest << 3 & 0x7F00_0000
    word |= rest << 4 & 0x7F_0000_0000
    word |= rest << 5 & 0x7F00_0000_0000
    word |= rest << 6 & 0x7F_0000_0000_0000
    word |= rest << 7 & 0x7F00_0000_0000_0000
    word |= 0x8080_8080_8080_8080 & (1 &<< UInt64(8 * (byteCount - 1)) - 1)
    bytes.append(word, byteCount: byteCount)
  }

  /// Appends a number in the variable-length form.
  package static func appendVarint(_ number: UInt64, to bytes: inout [UInt8]) {
    // Nearly all tags and lengths are short.
    if number < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: number)) }
    bytes.append(addingCapacity: varintByteCountMax) { appendVarint(number, to: &$0) }
  }

  /// Appends a field that holds a number, where there is room for it.
  @inlinable
  package static func append(_ number: UInt64, as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    appendVarint(UInt64(field) << 3, to: &bytes)
    appendVarint(number, to: &bytes)
  }

  /// Appends a field that holds a number.
  package static func append(_ number: UInt64, as field: Int32, to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 2 * varintByteCountMax) { append(number, as: field, to: &$0) }
  }

  /// Begins a field that consists of so many bytes, which are to follow, where there is room for it.
  @inlinable
  package static func begin(_ field: Int32, byteCount: Int, in bytes: inout OutputSpan<UInt8>) {
    appendVarint(UInt64(field) << 3 | 2, to: &bytes)
    appendVarint(UInt64(byteCount), to: &bytes)
  }

  /// Begins a field that consists of so many bytes, which are to follow.
  package static func begin(_ field: Int32, byteCount: Int, in bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 2 * varintByteCountMax) { begin(field, byteCount: byteCount, in: &$0) }
  }

  /// Appends a field that consists of bytes: an encoded message, say.
  package static func append(_ contents: [UInt8], as field: Int32, to bytes: inout [UInt8]) {
    begin(field, byteCount: contents.count, in: &bytes)
    bytes += contents
  }

  /// Appends a field that holds text.
  package static func append(_ text: String, as field: Int32, to bytes: inout [UInt8]) {
    begin(field, byteCount: text.utf8.count, in: &bytes)
    bytes += text.utf8
  }

  /// Appends a field that consists of what is appended in its place.
  ///
  /// - Parameters:
  ///   - byteCountAbout: How much that is likely to be: if its length takes as many bytes, nothing has to be moved for it.
  ///   - contents: Appends it.
  package static func append<Failure>(
    _ field: Int32, byteCountAbout: Int, to bytes: inout [UInt8], contents: (inout [UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    begin(field, byteCount: byteCountAbout, in: &bytes)
    let start = bytes.count
    try contents(&bytes)
    let count = UInt64(bytes.count - start)
    let lengthStart = start - byteCount(ofVarint: UInt64(byteCountAbout))
    if byteCount(ofVarint: count) != start - lengthStart {
      bytes.replaceSubrange(lengthStart..<start, with: repeatElement(0, count: byteCount(ofVarint: count)))
    }
    var (place, rest) = (lengthStart, count)
    while rest >= 0x80 {
      bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      place += 1
    }
    bytes[place] = UInt8(truncatingIfNeeded: rest)
  }
}
