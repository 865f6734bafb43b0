/// Splits Swift source into tokens and comments, byte by byte.
struct SwiftScanner {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var line = 1
  private(set) var tokens: [SwiftText.Token] = []
  private(set) var comments: [Int: String] = [:]

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func scan() { scanCode(untilParenthesis: false) }

  /// Reads code to the end of the file, or to the parenthesis that ends an interpolation.
  private mutating func scanCode(untilParenthesis: Bool) {
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        position += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        position += 1
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        scanLineComment()
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
        scanBlockComment()
      case UInt8(ascii: "/") where beginsRegularExpression():
        scanRegularExpression(hashes: 0)
      case UInt8(ascii: "#") where beginsRawLiteral():
        scanRawLiteral()
      case UInt8(ascii: "\""):
        scanString(hashes: 0)
      case UInt8(ascii: "`"):
        scanBacktickedName()
      default:
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") {
          if untilParenthesis && depth == 0 { return }
          depth -= 1
        }
        scanWordOrMark()
      }
    }
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func append(_ text: String, from start: Int, line: Int) {
    let isGlued = start > 0 && bytes[start - 1] != UInt8(ascii: " ") && bytes[start - 1] != UInt8(ascii: "\n")
    tokens.append(SwiftText.Token(text: text, line: line, isGlued: isGlued))
  }

  private mutating func scanLineComment() {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    comments[line, default: ""] += String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func scanBlockComment() {
    var depth = 0
    repeat {
      if bytes[position] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if bytes[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
      } else {
        comments[line, default: ""].unicodeScalars.append(Unicode.Scalar(bytes[position]))
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
      }
    } while depth > 0 && position < bytes.count
  }

  /// A slash begins a regular expression where no operand stands before it and no space after it.
  private func beginsRegularExpression() -> Bool {
    guard let next = peek(1), next != UInt8(ascii: " "), next != UInt8(ascii: "\n") else { return false }
    let before = tokens.last?.text ?? "("
    guard ["(", ",", "=", ":", "[", "{", "return", "in", "try"].contains(before) else { return false }
    var ahead = position + 1
    while ahead < bytes.count, bytes[ahead] != UInt8(ascii: "\n") {
      if bytes[ahead] == UInt8(ascii: "\\") {
        ahead += 1
      } else if bytes[ahead] == UInt8(ascii: "/") {
        return true
      }
      ahead += 1
    }
    return false
  }

  private mutating func scanRegularExpression(hashes: Int) {
    append("\"\"", from: position, line: line)
    position += 1
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "\\") {
        position += 1
      } else if bytes[position] == UInt8(ascii: "/"), hasHashes(hashes, at: position + 1) {
        position += 1 + hashes
        return
      } else if bytes[position] == UInt8(ascii: "\n") {
        line += 1
      }
      position += 1
    }
  }

  private func hasHashes(_ count: Int, at start: Int) -> Bool {
    start + count <= bytes.count && bytes[start..<start + count].allSatisfy { $0 == UInt8(ascii: "#") }
  }

  private func beginsRawLiteral() -> Bool {
    var ahead = position
    while ahead < bytes.count, bytes[ahead] == UInt8(ascii: "#") { ahead += 1 }
    return ahead < bytes.count && (bytes[ahead] == UInt8(ascii: "\"") || bytes[ahead] == UInt8(ascii: "/"))
  }

  private mutating func scanRawLiteral() {
    let start = position
    while bytes[position] == UInt8(ascii: "#") { position += 1 }
    let hashes = position - start
    if bytes[position] == UInt8(ascii: "/") {
      scanRegularExpression(hashes: hashes)
    } else {
      scanString(hashes: hashes)
    }
  }

  /// Reads a string literal; code in its interpolations becomes tokens like any other.
  private mutating func scanString(hashes: Int) {
    append("\"\"", from: position, line: line)
    let isMultiline = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
    let quotes = isMultiline ? 3 : 1
    position += quotes
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let quoted = (0..<quotes).allSatisfy { peek($0) == UInt8(ascii: "\"") }
        if quoted, hasHashes(hashes, at: position + quotes) {
          position += quotes + hashes
          return
        }
        position += 1
      case UInt8(ascii: "\\") where hasHashes(hashes, at: position + 1):
        position += 1 + hashes
        if peek(0) == UInt8(ascii: "(") {
          position += 1
          scanCode(untilParenthesis: true)
        } else if peek(0) == UInt8(ascii: "\n") {
          line += 1
        }
        position += 1
      case UInt8(ascii: "\n"):
        line += 1
        position += 1
      default:
        position += 1
      }
    }
  }

  private mutating func scanBacktickedName() {
    let start = position
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "`") { position += 1 }
    position = min(position + 1, bytes.count)
    append(String(decoding: bytes[start..<position], as: UTF8.self), from: start, line: line)
  }

  private mutating func scanWordOrMark() {
    let start = position
    position += 1
    let first = bytes[start]
    if Self.isWord(first) || first == UInt8(ascii: "@") || first == UInt8(ascii: "#") {
      while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
    }
    append(String(decoding: bytes[start..<position], as: UTF8.self), from: start, line: line)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 128...255:
      true
    default: false
    }
  }
}
