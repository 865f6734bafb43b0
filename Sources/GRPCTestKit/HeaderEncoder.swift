/// Writes header lists in the plainest form of HPACK: literals without indexing and without Huffman coding
/// (RFC 7541 §6.2.2), so that a script depends on no table.
package enum HeaderEncoder {
  package static func encode(_ list: HeaderFields) -> [UInt8] {
    list.fields.flatMap { [0] + string($0.name) + string($0.value) }
  }

  private static func string(_ text: String) -> [UInt8] {
    integer(text.utf8.count, prefixBits: 7, first: 0) + Array(text.utf8)
  }

  /// RFC 7541 §5.1.
  package static func integer(_ value: Int, prefixBits: Int, first: UInt8) -> [UInt8] {
    let limit = 1 << prefixBits - 1
    guard value >= limit else { return [first | UInt8(value)] }
    var bytes = [first | UInt8(limit)]
    var rest = value - limit
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
