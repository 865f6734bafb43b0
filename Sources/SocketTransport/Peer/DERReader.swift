/// Walks elements of DER (X.690 §8.1), one after another; nil means that the bytes are not such.
struct DERReader {
  struct Element {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    let encoded: ArraySlice<UInt8>
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isEmpty: Bool { rest.isEmpty }

  /// The next element. Tags of more than one byte and lengths of more than four are not found in certificates. A length
  /// is written as shortly as it can be (X.690 §10.1).
  mutating func element() -> Element? {
    var reader = ByteReader(rest)
    guard let tag = reader.byte(), tag & 0x1F != 0x1F, let short = reader.byte() else { return nil }
    var length = Int(short)
    var headBytes = 2
    if short & 0x80 != 0 {
      let width = Int(short & 0x7F)
      guard (1...4).contains(width), let long = reader.number(bytes: width), long > 0x7F,
        long >> (8 * (width - 1)) != 0
      else { return nil }
      length = long
      headBytes += width
    }
    guard let content = reader.take(length) else { return nil }
    defer { rest = rest.dropFirst(headBytes + length) }
    return Element(tag: tag, content: content, encoded: rest.prefix(headBytes + length))
  }

  /// The content of the next element, which has this tag.
  mutating func element(tag: UInt8) -> DERReader? {
    guard rest.first == tag else { return nil }
    return element().map { DERReader($0.content) }
  }

  /// The content of the next element, which is a SEQUENCE.
  mutating func sequence() -> DERReader? {
    element(tag: 0x30)
  }

  /// Whether the next element has this tag.
  func peek(tag: UInt8) -> Bool {
    rest.first == tag
  }

  /// Passes over the next element if it has this tag.
  mutating func skip(tag: UInt8) {
    _ = element(tag: tag)
  }
}
