/// Encoded messages put together by hand, as a hostile peer would.
enum Wire {
  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func tag(_ number: Int, _ wireType: Int) -> [UInt8] { varint(UInt64(number) << 3 | UInt64(wireType)) }

  static func field(_ number: Int, _ value: UInt64) -> [UInt8] { tag(number, 0) + varint(value) }

  static func field(_ number: Int, _ contents: [UInt8]) -> [UInt8] {
    tag(number, 2) + varint(UInt64(contents.count)) + contents
  }

  /// A message in field `number` of a message in field `number`, and so on.
  static func nested(_ number: Int, depth: Int, around innermost: [UInt8] = []) -> [UInt8] {
    var parts: [[UInt8]] = []
    var length = innermost.count
    for _ in 0..<depth {
      let head = tag(number, 2) + varint(UInt64(length))
      parts.append(head)
      length += head.count
    }
    return parts.reversed().flatMap { $0 } + innermost
  }
}
