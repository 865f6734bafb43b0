/// Parses JSON (RFC 8259), strictly: no comments, no trailing commas, no member twice in an object.
package struct JSONParser {
  private let bytes: [UInt8]
  private let nestingMax: Int
  private var index = 0
  private var nesting = 0

  /// The one value of a text.
  package static func parse(_ bytes: [UInt8], nestingMax: Int) throws(ProtoJSONError) -> JSONNode {
    var parser = JSONParser(bytes: bytes, nestingMax: nestingMax)
    try parser.checkUTF8()
    let node = try parser.value()
    parser.skipSpace()
    guard parser.index == bytes.count else { throw parser.error("there is more text after the value") }
    return node
  }

  private init(bytes: [UInt8], nestingMax: Int) {
    self.bytes = bytes
    self.nestingMax = nestingMax
  }

  private func checkUTF8() throws(ProtoJSONError) {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw ProtoJSONError("the text is not valid UTF-8", at: error.byteOffsets.lowerBound, in: bytes)
    }
  }

  private mutating func value() throws(ProtoJSONError) -> JSONNode {
    skipSpace()
    let start = index
    guard let byte = peek else { throw error("the text ends where a value belongs") }
    let value: JSONNode.Value
    switch byte {
    case UInt8(ascii: "{"): value = try object()
    case UInt8(ascii: "["): value = try array()
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = .number(try number())
    case UInt8(ascii: "t"): value = try literal("true", .bool(true))
    case UInt8(ascii: "f"): value = try literal("false", .bool(false))
    case UInt8(ascii: "n"): value = try literal("null", .null)
    default: throw error("no JSON value begins like this")
    }
    return JSONNode(value: value, place: .offset(start))
  }

  private mutating func object() throws(ProtoJSONError) -> JSONNode.Value {
    try enter()
    var members: [JSONNode.Member] = []
    var names: Set<String> = []
    index += 1
    while try !ends(with: UInt8(ascii: "}"), afterFirst: !members.isEmpty) {
      let offset = index
      guard peek == UInt8(ascii: "\"") else { throw error("a member's name in quotation marks belongs here") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw ProtoJSONError("the member \"\(name)\" is there twice", at: offset, in: bytes)
      }
      skipSpace()
      guard peek == UInt8(ascii: ":") else { throw error("a colon belongs here") }
      index += 1
      members.append(JSONNode.Member(name: name, place: .offset(offset), value: try value()))
    }
    nesting -= 1
    return .object(members)
  }

  private mutating func array() throws(ProtoJSONError) -> JSONNode.Value {
    try enter()
    var elements: [JSONNode] = []
    index += 1
    while try !ends(with: UInt8(ascii: "]"), afterFirst: !elements.isEmpty) {
      elements.append(try value())
    }
    nesting -= 1
    return .array(elements)
  }

  /// Whether the closing bracket is next; consumes it, or the comma before a further element.
  private mutating func ends(with bracket: UInt8, afterFirst: Bool) throws(ProtoJSONError) -> Bool {
    skipSpace()
    if peek == bracket {
      index += 1
      return true
    }
    guard afterFirst else { return false }
    guard peek == UInt8(ascii: ",") else {
      throw error("a comma or \"\(Character(Unicode.Scalar(bracket)))\" belongs here")
    }
    index += 1
    skipSpace()
    if peek == bracket { throw error("there is nothing after the comma") }
    return false
  }

  private mutating func enter() throws(ProtoJSONError) {
    guard nesting < nestingMax else { throw error("values lie more than \(nestingMax) deep within each other") }
    nesting += 1
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSONNode.Value
  ) throws(ProtoJSONError) -> JSONNode.Value {
    let expected = Array("\(text)".utf8)
    guard bytes[index...].starts(with: expected) else { throw error("no JSON value begins like this") }
    index += expected.count
    return value
  }

  /// RFC 8259 §6: [-] int [frac] [exp]
  private mutating func number() throws(ProtoJSONError) -> String {
    let start = index
    if peek == UInt8(ascii: "-") { index += 1 }
    let integer = digits()
    guard integer > 0 else { throw error("a digit belongs here") }
    guard integer == 1 || bytes[index - integer] != UInt8(ascii: "0") else {
      throw ProtoJSONError("a number does not begin with 0", at: start, in: bytes)
    }
    if peek == UInt8(ascii: ".") {
      index += 1
      guard digits() > 0 else { throw error("a digit belongs here") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      index += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { index += 1 }
      guard digits() > 0 else { throw error("a digit belongs here") }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
    return index - start
  }
}

// Strings.
extension JSONParser {
  private mutating func string() throws(ProtoJSONError) -> String {
    index += 1
    let start = index
    var escaped: [UInt8]?
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        defer { index += 1 }
        return String(decoding: escaped?[...] ?? bytes[start..<index], as: UTF8.self)
      case UInt8(ascii: "\\"):
        if escaped == nil { escaped = Array(bytes[start..<index]) }
        escaped?.append(contentsOf: Array(String(try escape()).utf8))
      case 0..<0x20: throw error("a control character must be escaped within a string")
      default:
        escaped?.append(byte)
        index += 1
      }
    }
    throw error("the text ends within a string")
  }

  private mutating func escape() throws(ProtoJSONError) -> Character {
    index += 1
    guard let byte = peek else { throw error("the text ends within a string") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try unicodeEscape())
    default:
      index -= 1
      throw error("there is no such escape")
    }
  }

  private mutating func unicodeEscape() throws(ProtoJSONError) -> Unicode.Scalar {
    let start = index - 2
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // RFC 8259 §7: a character beyond U+FFFF is a pair of surrogates.
    if (0xD800..<0xDC00).contains(first), bytes[index...].starts(with: "\\u".utf8) {
      index += 2
      let second = try hexadecimal()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw ProtoJSONError("a surrogate stands alone", at: start, in: bytes)
  }

  private mutating func hexadecimal() throws(ProtoJSONError) -> UInt32 {
    let end = index + 4
    guard end <= bytes.count, let value = UInt32(String(decoding: bytes[index..<end], as: UTF8.self), radix: 16),
      bytes[index] != UInt8(ascii: "+"), bytes[index] != UInt8(ascii: "-")
    else { throw error("four hexadecimal digits belong here") }
    index = end
    return value
  }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  private func error(_ reason: String) -> ProtoJSONError { ProtoJSONError(reason, at: index, in: bytes) }
}
