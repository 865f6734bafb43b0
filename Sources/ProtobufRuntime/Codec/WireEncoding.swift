/// Fields of an encoded message, appended to bytes that are one already: for messages that are put together from parts
/// which need not be decoded.
///
/// The type is usable from inline: if it were not, no other module would inline its functions, whatever is said of them.
@usableFromInline package enum WireEncoding {
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
  @inlinable @inline(__always)
  package static func byteCount(ofVarint number: UInt64) -> Int { (70 - (number | 1).leadingZeroBitCount) / 7 }

  /// Appends a number in the variable-length form, where there is room for it.
  @inlinable @inline(__always)
  package static func appendVarint(_ number: UInt64, to bytes: inout OutputSpan<UInt8>) {
    // Nearly all tags and lengths are short.
    if number < 1 << 7 { return bytes.append(UInt8(truncatingIfNeeded: number)) }
    if number < 1 << 14 { return bytes.append(number & 0x7F | 0x80 | (number >> 7) << 8, byteCount: 2) }
    appendLongVarint(number, to: &bytes)
  }

  @inlinable
  package static func appendLongVarint(_ number: UInt64, to bytes: inout OutputSpan<UInt8>) {
    let (word, rest) = varint(number)
    bytes.append(word.bytes, byteCount: word.count)
    if let rest { bytes.append(rest.bytes, byteCount: rest.count) }
  }

  /// Bytes in a word, the first of them in its lowest bits; all others are zero.
  @usableFromInline package typealias BytesInWord = (bytes: UInt64, count: Int)

  /// The variable-length form of a number: its first eight bytes, and the others if it has more.
  @inlinable @inline(__always)
  package static func varint(_ number: UInt64) -> (word: BytesInWord, rest: BytesInWord?) {
    let count = byteCount(ofVarint: number)
    // Seven bits to each byte, the first in the lowest: halves, then quarters, then bytes.
    var word = number & (1 << 56 - 1)
    word = (word & 0x00FF_FFFF_F000_0000) << 4 | word & 0x0FFF_FFFF
    word = (word & 0x0FFF_C000_0FFF_C000) << 2 | word & 0x0000_3FFF_0000_3FFF
    word = (word & 0x3F80_3F80_3F80_3F80) << 1 | word & 0x007F_007F_007F_007F
    // The eighth bit says that another byte comes.
    let continued: UInt64 = 0x8080_8080_8080_8080
    guard count > 8 else { return ((word | continued & (1 << UInt64(8 * (count - 1)) - 1), count), nil) }
    let rest = number >> 56
    return ((word | continued, 8), (count == 9 ? rest : rest & 0x7F | 0x80 | (rest >> 7) << 8, count - 8))
  }

  /// Appends a number in the variable-length form.
  package static func appendVarint(_ number: UInt64, to bytes: inout [UInt8]) {
    // Nearly all tags and lengths are short.
    if number < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: number)) }
    bytes.append(addingCapacity: varintByteCountMax) { appendVarint(number, to: &$0) }
  }

  /// Appends a field that holds a number, where there is room for it.
  @inlinable @inline(__always)
  package static func append(_ number: UInt64, as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    appendVarint(UInt64(field) << 3, to: &bytes)
    appendVarint(number, to: &bytes)
  }

  /// Appends a field that holds a number.
  package static func append(_ number: UInt64, as field: Int32, to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 2 * varintByteCountMax) { append(number, as: field, to: &$0) }
  }

  /// Appends the tag of a field that consists of bytes, where there is room for it.
  @inlinable @inline(__always)
  package static func appendTag(_ field: Int32, to bytes: inout OutputSpan<UInt8>) {
    appendVarint(UInt64(field) << 3 | 2, to: &bytes)
  }

  /// Begins a field that consists of so many bytes, which are to follow, where there is room for it.
  @inlinable @inline(__always)
  package static func begin(_ field: Int32, byteCount: Int, in bytes: inout OutputSpan<UInt8>) {
    appendTag(field, to: &bytes)
    appendVarint(UInt64(byteCount), to: &bytes)
  }

  /// Appends a field that consists of bytes, where there is room for it.
  @inlinable @inline(__always)
  package static func append(_ contents: Span<UInt8>, as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    begin(field, byteCount: contents.count, in: &bytes)
    bytes.append(copying: contents)
  }

  /// Appends a field that holds text, where there is room for it.
  package static func append(_ text: String, as field: Int32, to bytes: inout OutputSpan<UInt8>) {
    let utf8 = text.utf8
    append(utf8.span, as: field, to: &bytes)
  }

  /// How many bytes the tag of a field takes.
  @inlinable @inline(__always)
  package static func byteCount(ofTag field: Int32) -> Int { byteCount(ofVarint: UInt64(field) << 3) }

  /// How many bytes a field takes that holds a number.
  @inlinable @inline(__always)
  package static func byteCount(of number: UInt64, as field: Int32) -> Int {
    byteCount(ofTag: field) + byteCount(ofVarint: number)
  }

  /// How many bytes a field takes that consists of so many bytes.
  @inlinable @inline(__always)
  package static func byteCount(ofContents count: Int, as field: Int32) -> Int {
    byteCount(ofTag: field) + byteCount(ofVarint: UInt64(count)) + count
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

  /// Appends to what the field consists of that bytes end with.
  ///
  /// - Parameter start: Where the field begins, that consists of bytes.
  package static func extend(fieldAt start: Int, in bytes: inout [UInt8], by append: (inout [UInt8]) -> Void) {
    let lengthStart = endOfVarint(at: start, in: bytes)
    let contentsStart = endOfVarint(at: lengthStart, in: bytes)
    append(&bytes)
    var length: [UInt8] = []
    appendVarint(UInt64(bytes.count - contentsStart), to: &length)
    bytes.replaceSubrange(lengthStart..<contentsStart, with: length)
  }

  private static func endOfVarint(at start: Int, in bytes: [UInt8]) -> Int {
    var place = start
    while bytes[place] >= 0x80 { place += 1 }
    return place + 1
  }
}
