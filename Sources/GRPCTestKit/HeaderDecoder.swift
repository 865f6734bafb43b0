/// Reads the header lists of one direction of a connection (RFC 7541), with its dynamic table. It knows nothing of the
/// library under test, so the two check each other.
package struct HeaderDecoder {
  /// A header list that is not valid HPACK.
  package struct Failure: Error {
    package let reason: String
  }

  private var dynamic: [HeaderFields.Field] = []
  private var tableBytesMax = 4096

  package init() {}

  package mutating func decode(_ block: [UInt8]) throws(Failure) -> HeaderFields {
    var input = block[...]
    var list = HeaderFields()
    while let first = input.first {
      if first & 0x80 != 0 {  // §6.1
        list.fields.append(try field(integer(&input, prefixBits: 7)))
      } else if first & 0x40 != 0 {  // §6.2.1
        let literal = try literal(&input, prefixBits: 6)
        list.fields.append(literal)
        insert(literal)
      } else if first & 0x20 != 0 {  // §6.3
        tableBytesMax = try integer(&input, prefixBits: 5)
        evict()
      } else {  // §6.2.2, 6.2.3
        list.fields.append(try literal(&input, prefixBits: 4))
      }
    }
    return list
  }

  private func literal(_ input: inout ArraySlice<UInt8>, prefixBits: Int) throws(Failure) -> HeaderFields.Field {
    let index = try integer(&input, prefixBits: prefixBits)
    let name = index == 0 ? try string(&input) : try field(index).name
    return HeaderFields.Field(name: name, value: try string(&input))
  }

  private func field(_ index: Int) throws(Failure) -> HeaderFields.Field {
    switch index {
    case 1...Self.staticTable.count: return Self.staticTable[index - 1]
    case (Self.staticTable.count + 1)...(Self.staticTable.count + dynamic.count):
      return dynamic[index - Self.staticTable.count - 1]
    default: throw Failure(reason: "no table entry \(index)")
    }
  }

  private mutating func insert(_ field: HeaderFields.Field) {
    dynamic.insert(field, at: 0)
    evict()
  }

  private mutating func evict() {
    while HeaderFields(dynamic).listBytes > tableBytesMax { dynamic.removeLast() }
  }

  private func integer(_ input: inout ArraySlice<UInt8>, prefixBits: Int) throws(Failure) -> Int {
    let limit = 1 << prefixBits - 1
    var value = Int(try byte(&input)) & limit
    guard value == limit else { return value }
    var shift = 0
    while shift < 28 {
      let next = try byte(&input)
      value += Int(next & 127) << shift
      shift += 7
      if next & 128 == 0 { return value }
    }
    throw Failure(reason: "an integer is too long")
  }

  private func string(_ input: inout ArraySlice<UInt8>) throws(Failure) -> String {
    let isHuffman = (input.first ?? 0) & 0x80 != 0
    let count = try integer(&input, prefixBits: 7)
    guard input.count >= count else { throw Failure(reason: "a string is cut") }
    let bytes = input.prefix(count)
    input = input.dropFirst(count)
    return String(decoding: isHuffman ? try HuffmanCode.decode(bytes) : Array(bytes), as: UTF8.self)
  }

  private func byte(_ input: inout ArraySlice<UInt8>) throws(Failure) -> UInt8 {
    guard let byte = input.popFirst() else { throw Failure(reason: "the block is cut") }
    return byte
  }
}

/// The Huffman code of RFC 7541 Appendix B for the bytes with codes of at most 15 bits, which are all of printable ASCII.
/// The code is canonical, so the bytes of each length, in order, are all there is to know.
private enum HuffmanCode {
  private static let symbols: [(bits: Int, bytes: [UInt8])] = [
    (5, Array("012aceiost".utf8)), (6, Array(" %-./3456789=A_bdfghlmnpru".utf8)),
    (7, Array(":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz".utf8)), (8, Array("&*,;XZ".utf8)), (10, Array("!\"()?".utf8)),
    (11, Array("'+|".utf8)), (12, Array("#>".utf8)), (13, [0] + Array("$@[]~".utf8)), (14, Array("^}".utf8)),
    (15, Array("<`{".utf8)),
  ]

  static func decode(_ input: ArraySlice<UInt8>) throws(HeaderDecoder.Failure) -> [UInt8] {
    var output: [UInt8] = []
    var code = 0
    var length = 0
    for byte in input {
      for bit in stride(from: 7, through: 0, by: -1) {
        code = code << 1 | Int(byte >> UInt8(bit) & 1)
        length += 1
        if let symbol = symbol(code, length) {
          output.append(symbol)
          code = 0
          length = 0
        }
      }
    }
    // §5.2: padding is at most seven ones.
    guard length < 8, code == 1 << length - 1 else { throw HeaderDecoder.Failure(reason: "a Huffman code is unknown") }
    return output
  }

  private static func symbol(_ code: Int, _ length: Int) -> UInt8? {
    var first = 0
    var lengthBefore = 0
    for (bits, bytes) in symbols {
      first <<= bits - lengthBefore
      if bits == length { return bytes.indices.contains(code - first) ? bytes[code - first] : nil }
      first += bytes.count
      lengthBefore = bits
    }
    return nil
  }
}

extension HeaderDecoder {
  /// RFC 7541 Appendix A.
  private static let staticTable: [HeaderFields.Field] = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
    ("www-authenticate", ""),
  ].map { HeaderFields.Field(name: $0, value: $1) }
}
