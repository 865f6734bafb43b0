/// The terms of RDF 1.1 Turtle, escaped.
package enum TurtleText {
  /// An IRI in angle brackets.
  package static func iri(_ text: String) -> String { "<\(IRIText.escaped(text))>" }

  /// A literal, with its language if it has one.
  package static func literal(_ text: String, language: String? = nil) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      case "\u{0}"..."\u{1F}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": literal += "\\u" + Hexadecimal.digits(scalar.value, 4)
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\"" + (language.map { "@\($0)" } ?? "")
  }
}

/// Addresses as RDF has them.
package enum IRIText {
  /// The address with what no IRI can hold percent-encoded.
  package static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{0}"..."\u{20}", "\u{7F}", "<", ">", "\"", "{", "}", "|", "^", "`", "\\":
        escaped += "%" + Hexadecimal.digits(scalar.value, 2)
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
