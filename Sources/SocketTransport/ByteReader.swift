/// Takes big-endian numbers and lengths off the front of bytes that nobody has checked; nil means that they are too few.
struct ByteReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isEmpty: Bool { rest.isEmpty }

  /// The next byte.
  mutating func byte() -> UInt8? {
    rest.popFirst()
  }

  /// A number of `width` bytes, at most four.
  mutating func number(bytes width: Int) -> Int? {
    guard let bytes = take(width) else { return nil }
    return bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard rest.count >= count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Bytes whose count stands before them, as a number of `width` bytes.
  mutating func counted(_ width: Int) -> ArraySlice<UInt8>? {
    guard let count = number(bytes: width) else { return nil }
    return take(count)
  }
}
