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

  /// The values of one field in what `encode` made; those of the others are passed over.
  /// - Throws: `corrupt` if it is something else.
  static func values(of wanted: IndexField, in bytes: [UInt8]) throws(Fault) -> [IndexValue] {
    var values: [IndexValue] = []
    try scan(bytes) { field, value in
      if field == UInt64(wanted.id) { values.append(IndexValue(stored: Array(value))) }
      return true
    }
    return values
  }

  /// Whether one of the entries in what `encode` made passes one of the tests; none is decoded.
  /// - Throws: `corrupt` if it is something else.
  static func holds(_ tests: [EntryTest], in bytes: [UInt8]) throws(Fault) -> Bool {
    var isFound = false
    try scan(bytes) { field, value in
      isFound = tests.contains { $0.passes(field, value) }
      return !isFound
    }
    return isFound
  }

  /// Shows field and value of each entry until it is told to stop.
  private static func scan(_ bytes: [UInt8], _ look: (UInt64, ArraySlice<UInt8>) -> Bool) throws(Fault) {
    var position = 0
    while position < bytes.count {
      let field = try number(in: bytes, at: &position)
      let count = try number(in: bytes, at: &position)
      guard count <= UInt64(bytes.count - position) else { throw malformed }
      let end = position + Int(count)
      guard look(field, bytes[position..<end]) else { return }
      position = end
    }
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

/// A condition in the form in which a version's entries are held against it.
struct EntryTest {
  private let field: UInt64
  private let range: IndexRange

  init(_ condition: Query.Condition) {
    (field, range) = (UInt64(condition.field.id), condition.test.range)
  }

  func passes(_ field: UInt64, _ value: ArraySlice<UInt8>) -> Bool {
    field == self.field && !value.lexicographicallyPrecedes(range.lower) && value.lexicographicallyPrecedes(range.upper)
  }
}
