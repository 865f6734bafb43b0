/// A type, extension or function and the lines from its keyword to its closing brace.
struct Declaration: Sendable {
  var keyword: String
  var name: String
  var lines: ClosedRange<Int>

  var isFunction: Bool { ["func", "init", "deinit", "subscript"].contains(keyword) }
  var isNamedType: Bool { !isFunction && keyword != "extension" }

  private static let functions: Set<String> = ["func", "init", "deinit", "subscript"]
  private static let types: Set<String> = [
    "class", "struct", "enum", "protocol", "actor", "extension", "typealias",
  ]
  /// What can follow a declaration that has no body, in a protocol for instance.
  private static let enders: Set<String> = [
    "var", "let", "case", "associatedtype", "static", "mutating", "public", "package", "private", "fileprivate", "}",
  ]

  /// The declarations in the order of their keywords.
  static func all(in tokens: [SwiftText.Token]) -> [Declaration] {
    var found: [Declaration] = []
    /// For each open brace the declaration whose body it opens, if any.
    var bodies: [Int?] = []
    var parentheses = 0
    /// A declaration whose body has not begun, and how deep in parentheses its keyword stood.
    var pending: (declaration: Int, parentheses: Int)?
    for (index, token) in tokens.enumerated() {
      if let open = pending, open.parentheses == parentheses, enders.contains(token.text) { pending = nil }
      switch token.text {
      case "(", "[": parentheses += 1
      case ")", "]": parentheses -= 1
      case "{":
        if let open = pending, open.parentheses == parentheses {
          bodies.append(open.declaration)
          pending = nil
        } else {
          bodies.append(nil)
        }
      case "}":
        if let body = bodies.popLast() ?? nil {
          found[body].lines = found[body].lines.lowerBound...token.line
        }
      default:
        guard begins(at: index, in: tokens) else { continue }
        let name = functions.contains(token.text) && token.text != "func" ? token.text : tokens[index + 1].text
        found.append(Declaration(keyword: token.text, name: name, lines: token.line...token.line))
        pending = token.text == "typealias" ? nil : (found.count - 1, parentheses)
      }
    }
    return found
  }

  private static func begins(at index: Int, in tokens: [SwiftText.Token]) -> Bool {
    let word = tokens[index].text
    guard functions.contains(word) || types.contains(word), index + 1 < tokens.count else { return false }
    guard index == 0 || tokens[index - 1].text != "." else { return false }
    let next = tokens[index + 1].text
    switch word {
    case "init", "subscript": return ["(", "<", "?"].contains(next)
    case "deinit": return next == "{"
    case "func": return true
    // `class func` and a parameter called `actor` declare no type.
    default: return !functions.contains(next) && next != "var" && isTypeName(next)
    }
  }

  private static func isTypeName(_ word: String) -> Bool {
    guard let first = word.unicodeScalars.first else { return false }
    return ("A"..."Z").contains(first) || first == "`" || first == "_"
  }
}
