/// Finds texts with so many aliases that the parser, which compares keys whole, might not come to an end.
enum YAMLAliases {
  /// Where the first alias stands, if there are more of them than may be; nil if not.
  ///
  /// It takes for aliases all that could be some, and so finds each, at the price of refusing a text that is none where
  /// it has as many words behind `*` that stand behind `&` too.
  static func firstOfMany(in bytes: [UInt8], max: Int) -> Int? {
    guard bytes.contains(UInt8(ascii: "*")) else { return nil }
    var anchors: Set<ArraySlice<UInt8>> = []
    for (_, name) in Names(bytes: bytes, mark: UInt8(ascii: "&")) where !name.isEmpty { anchors.insert(name) }
    guard !anchors.isEmpty else { return nil }
    var first: Int?
    var count = 0
    for (offset, name) in Names(bytes: bytes, mark: UInt8(ascii: "*")) where anchors.contains(name) {
      first = first ?? offset
      count += 1
      if count > max { return first }
    }
    return nil
  }

  /// The names behind a mark, and where the mark stands.
  private struct Names: Sequence, IteratorProtocol {
    let bytes: [UInt8]
    let mark: UInt8
    var index = 0

    mutating func next() -> (offset: Int, name: ArraySlice<UInt8>)? {
      guard let found = bytes[index...].firstIndex(of: mark) else { return nil }
      let name = bytes[(found + 1)...].prefix { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
      index = found + 1
      return (found, name)
    }
  }
}
