internal import PlenaryStore

/// Index entries as a version keeps them: field, byte count and bytes of each, in order, numbers as base-128 integers.
enum EntryCoding {
  /// Encodes entries that are sorted and without repetition.
  static func encode(_ entries: [IndexEntry]) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
      append(UInt64(entry.field.id), to: &bytes)
      append(UInt64(entry.value.bytes.count), to: &bytes)
      bytes += entry.value.bytes
    }
    return bytes
  }

  /// Decodes what `encode` made.
  /// - Throws: `corrupt` if it is something else.
  static func decode(_ bytes: [UInt8]) throws(Fault) -> [IndexEntry] {
    var entries: [IndexEntry] = []
    var position = 0
    while position < bytes.count {
      let field = try number(in: bytes, at: &position)
      let count = try number(in: bytes, at: &position)
      guard let id = UInt32(exactly: field), count <= UInt64(bytes.count - position) else { throw malformed }
      let end = position + Int(count)
      entries.append(IndexEntry(IndexField(id), IndexValue(stored: Array(bytes[position..<end]))))
      position = end
    }
    return entries
  }

  /// The values of one field in what `encode` made. Those of the others are passed over, which is most of the work of
  /// decoding them all.
  /// - Throws: `corrupt` if it is something else.
  static func values(of wanted: IndexField, in bytes: [UInt8]) throws(Fault) -> [IndexValue] {
    var values: [IndexValue] = []
    var position = 0
    while position < bytes.count {
      let field = try number(in: bytes, at: &position)
      let count = try number(in: bytes, at: &position)
      guard count <= UInt64(bytes.count - position) else { throw malformed }
      let end = position + Int(count)
      if field == UInt64(wanted.id) { values.append(IndexValue(stored: Array(bytes[position..<end]))) }
      position = end
    }
    return values
  }

  private static var malformed: Fault { .refusal(.corrupt(reason: "malformed index entries in a version")) }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func number(in bytes: [UInt8], at position: inout Int) throws(Fault) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard position < bytes.count else { throw malformed }
      let byte = bytes[position]
      position += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw malformed
  }
}
