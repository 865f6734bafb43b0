/// An XML 1.0 document in the making, in UTF-8: elements, attributes, text and comments, all escaped.
///
/// Elements that hold elements stand on lines of their own, indented by two spaces; one that holds text stands on one line
/// as it is. Within an element that is opened `inline` no line break is added, so that text may be mixed with elements.
///
/// What XML cannot hold at all, as control characters, is written as U+FFFD. A carriage return, and in attributes a line
/// feed and a tab, are written as references, since a reader would change them otherwise.
package struct XMLText {
  /// What has been written and not been taken yet.
  package private(set) var bytes: [UInt8] = []

  /// The elements that are open.
  private var open: [(name: String, isInline: Bool)] = []
  private var isAtStart = true

  /// An empty document.
  package init() {}

  /// Takes what has been written so far; what follows goes on from there.
  package mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// The first line of a document.
  package mutating func declaration() {
    append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    isAtStart = false
  }

  /// Opens an element.
  package mutating func start(_ name: String, _ attributes: [(String, String)] = [], inline: Bool = false) {
    breakLine()
    appendTag(name, attributes, end: ">")
    open.append((name, inline || open.last?.isInline ?? false))
  }

  /// Closes the element that was opened last.
  package mutating func end() {
    guard let element = open.popLast() else { preconditionFailure("an element is open") }
    if !element.isInline { breakLine() }
    append("</\(element.name)>")
    if open.isEmpty { append("\n") }
  }

  /// An element that holds nothing but text.
  package mutating func element(_ name: String, _ attributes: [(String, String)] = [], _ text: String) {
    breakLine()
    appendTag(name, attributes, end: ">")
    appendEscaped(text, isAttribute: false)
    append("</\(name)>")
  }

  /// An element that holds nothing.
  package mutating func empty(_ name: String, _ attributes: [(String, String)] = []) {
    breakLine()
    appendTag(name, attributes, end: "/>")
  }

  /// Text within the element that is open.
  package mutating func text(_ text: String) { appendEscaped(text, isAttribute: false) }

  /// A comment. Hyphens that would end it are kept apart by a space.
  package mutating func comment(_ text: String) {
    breakLine()
    var comment = ""
    for scalar in text.unicodeScalars {
      if scalar == "-", comment.unicodeScalars.last == "-" { comment += " " }
      comment.unicodeScalars.append(Self.isAllowed(scalar) ? scalar : "\u{FFFD}")
    }
    append("<!-- \(comment) -->")
  }

  private mutating func breakLine() {
    defer { isAtStart = false }
    guard !isAtStart, !(open.last?.isInline ?? false) else { return }
    append("\n" + String(repeating: "  ", count: open.count))
  }

  private mutating func appendTag(_ name: String, _ attributes: [(String, String)], end: String) {
    append("<\(name)")
    for (attribute, value) in attributes {
      append(" \(attribute)=\"")
      appendEscaped(value, isAttribute: true)
      append("\"")
    }
    append(end)
  }

  private mutating func append(_ text: String) { bytes += text.utf8 }

  private mutating func appendEscaped(_ text: String, isAttribute: Bool) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": append("&amp;")
      case "<": append("&lt;")
      case ">": append("&gt;")
      case "\"" where isAttribute: append("&quot;")
      case "\r": append("&#13;")
      case "\n" where isAttribute: append("&#10;")
      case "\t" where isAttribute: append("&#9;")
      default: bytes += UTF8.encode(Self.isAllowed(scalar) ? scalar : "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
      }
    }
  }

  /// XML 1.0 §2.2, `Char`.
  package static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
