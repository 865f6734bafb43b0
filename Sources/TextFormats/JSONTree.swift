/// A JSON value whose members stand in the order that they are given in, so that the same value is always the same text.
package indirect enum JSONTree: Sendable, Equatable {
  case string(String)
  case number(String)
  case bool(Bool)
  case array([JSONTree])
  case object([Member])

  /// A member of an object.
  package struct Member: Sendable, Equatable {
    /// Its name.
    package let name: String
    /// Its value.
    package let value: JSONTree

    /// A name and a value.
    package init(_ name: String, _ value: JSONTree) {
      self.name = name
      self.value = value
    }
  }

  /// An object of the members that there are: those with nil are left out.
  package static func members(_ members: KeyValuePairs<String, JSONTree?>) -> JSONTree {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }

  /// A text; nil if it is empty.
  package static func text(_ text: String) -> JSONTree? { text.isEmpty ? nil : .string(text) }

  /// An array; nil if it is empty.
  package static func list(_ values: [JSONTree]) -> JSONTree? { values.isEmpty ? nil : .array(values) }

  /// One value alone, several as an array, none as nil.
  package static func oneOrMore(_ values: [JSONTree]) -> JSONTree? {
    values.count == 1 ? values[0] : list(values)
  }

  /// The text in UTF-8: one value a line, each level indented by two spaces, the first line not indented.
  package func bytes(indentation: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes, indentation)
    return bytes
  }

  /// The text in one line.
  package var line: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .number(let digits): digits
    case .bool(let truth): truth ? "true" : "false"
    case .array(let values): "[" + values.map(\.line).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.line }.joined(separator: ",") + "}"
    }
  }

  private func write(to bytes: inout [UInt8], _ level: Int) {
    let parts: [(String, JSONTree)]
    let brackets: (String, String)
    switch self {
    case .array(let values): (parts, brackets) = (values.map { ("", $0) }, ("[", "]"))
    case .object(let members):
      (parts, brackets) = (members.map { (Self.quoted($0.name) + ": ", $0.value) }, ("{", "}"))
    default:
      bytes += line.utf8
      return
    }
    bytes += brackets.0.utf8
    for (index, part) in parts.enumerated() {
      bytes += (index == 0 ? "\n" : ",\n").utf8
      bytes += (String(repeating: "  ", count: level + 1) + part.0).utf8
      part.1.write(to: &bytes, level + 1)
    }
    if !parts.isEmpty { bytes += ("\n" + String(repeating: "  ", count: level)).utf8 }
    bytes += brackets.1.utf8
  }

  /// RFC 8259 §7. Besides what must be, the separators U+2028 and U+2029 are escaped, U+FEFF, which some readers drop, and
  /// `<`, which lets the text stand in a page.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "<", "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
        quoted += "\\u" + Hexadecimal.digits(scalar.value, 4)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// Numbers in the base of sixteen.
enum Hexadecimal {
  /// At least so many digits, in capitals.
  static func digits(_ value: UInt32, _ count: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }
}
