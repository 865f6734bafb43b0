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

  /// Appends a number in the variable-length form.
  package static func appendVarint(_ number: UInt64, to bytes: inout [UInt8]) {
    // Nearly all tags and lengths are short.
    if number < 0x80 { return bytes.append(UInt8(number)) }
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// How many bytes a number takes in the variable-length form.
  package static func byteCount(ofVarint number: UInt64) -> Int { (70 - (number | 1).leadingZeroBitCount) / 7 }

  /// Appends a field that holds a number.
  package static func append(_ number: UInt64, as field: Int32, to bytes: inout [UInt8]) {
    appendVarint(UInt64(field) << 3, to: &bytes)
    appendVarint(number, to: &bytes)
  }

  /// Begins a field that consists of so many bytes, which are to follow.
  package static func begin(_ field: Int32, byteCount: Int, in bytes: inout [UInt8]) {
    appendVarint(UInt64(field) << 3 | 2, to: &bytes)
    appendVarint(UInt64(byteCount), to: &bytes)
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
}
