/// Text with `*` in it, each of which stands for anything, nothing included.
package struct WildcardPattern: Hashable, Sendable {
  /// The longest pattern, in bytes: looking for it costs its length at each place of a text.
  package static let byteCountMax = 256

  /// What stands between the `*`.
  package let pieces: [[UInt8]]

  /// Whether letter case does not count.
  package let ignoresCase: Bool

  /// The pattern of these pieces.
  package init(_ pieces: [String], ignoringCase: Bool = false) {
    self.pieces = pieces.map { Array((ignoringCase ? $0.lowercased() : $0).utf8) }
    ignoresCase = ignoringCase
  }

  /// Whether the text, from its first byte to its last, is so.
  package func matches(_ text: String) -> Bool {
    let bytes = Array((ignoresCase ? text.lowercased() : text).utf8)
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return bytes == pieces.first }
    guard bytes.count >= first.count + last.count, bytes.starts(with: first), bytes.suffix(last.count) == last[...]
    else { return false }
    var rest = bytes[first.count..<(bytes.count - last.count)]
    for piece in pieces.dropFirst().dropLast() {
      guard let end = Self.end(of: piece, in: rest) else { return false }
      rest = rest[end...]
    }
    return true
  }

  /// Where the first occurrence of a piece ends.
  private static func end(of piece: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let head = piece.first else { return bytes.startIndex }
    var start = bytes.startIndex
    while start + piece.count <= bytes.endIndex {
      if bytes[start] == head, bytes[start..<(start + piece.count)].elementsEqual(piece) { return start + piece.count }
      start += 1
    }
    return nil
  }
}
