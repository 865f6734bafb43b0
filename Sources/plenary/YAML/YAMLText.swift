internal import ProtobufRuntime

/// YAML in the making, from the values that JSON is read into: one value a line, each level indented by two spaces.
///
/// A text that some reader of YAML could take for something else (`NO`, `1e3`, `2017-05-01`, `null`) stands in quotation
/// marks, so what is written is read back as it was by all of them.
struct YAMLText {
  private(set) var text = ""

  /// How far values lie within each other in our own answers; those of the registry have a lower limit.
  private static let nestingMax = 1000
  /// A longer key is announced by a question mark, which every reader understands.
  private static let keyCountMax = 120

  /// The YAML of a text of JSON, without a line break at the end.
  ///
  /// - Throws: a `Failure` if the text is no JSON.
  static func text(json: String, indentation: Int = 0) throws(Failure) -> String {
    var options = ProtoJSON.DecodingOptions()
    options.nestingMax = nestingMax
    options.textBytesMax = .max
    let node: JSONNode
    do {
      node = try ProtoJSON.parse(Array(json.utf8), options: options)
    } catch {
      throw Failure(.other, "the answer cannot be written as YAML: \(error)")
    }
    return text(node, indentation: indentation)
  }

  /// The YAML of a value, without a line break at the end.
  ///
  /// - Parameter indentation: How many characters stand before the first line, and so have to before each.
  static func text(_ node: JSONNode, indentation: Int = 0) -> String {
    var yaml = YAMLText()
    yaml.write(node, at: indentation)
    return yaml.text
  }

  /// Writes a value from where a line has been written up to a column.
  private mutating func write(_ node: JSONNode, at column: Int) {
    switch node.value {
    case .object(let members) where !members.isEmpty:
      for (index, member) in members.enumerated() {
        if index > 0 { breakLine(column) }
        write(key: member.name, at: column)
        if member.value.isBlock {
          breakLine(column + 2)
          write(member.value, at: column + 2)
        } else {
          text += " "
          write(member.value, at: column)
        }
      }
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        if index > 0 { breakLine(column) }
        text += "- "
        write(element, at: element.isBlock ? column + 2 : column)
      }
    case .object: text += "{}"
    case .array: text += "[]"
    case .null: text += "null"
    case .bool(let truth): text += truth ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let string), .plain(let string): write(string, at: column)
    }
  }

  private mutating func breakLine(_ column: Int) {
    text += "\n" + String(repeating: " ", count: column)
  }

  private mutating func write(key: String, at column: Int) {
    if key.unicodeScalars.count > Self.keyCountMax {
      text += "? " + Self.quoted(key)
      breakLine(column)
      text += ":"
    } else {
      text += (YAMLScalar.isPlain(key) && !key.contains(":") ? key : Self.quoted(key)) + ":"
    }
  }

  /// Writes a text: as it is, in lines of its own, or in quotation marks.
  private mutating func write(_ string: String, at column: Int) {
    if YAMLScalar.isPlain(string) {
      text += string
    } else if YAMLScalar.isLines(string) {
      text += string.hasSuffix("\n") ? "|" : "|-"
      for line in (string.hasSuffix("\n") ? string.dropLast() : string[...]).split(
        separator: "\n", omittingEmptySubsequences: false)
      {
        if line.isEmpty {
          text += "\n"
        } else {
          breakLine(column + 2)
          text += line
        }
      }
    } else {
      text += Self.quoted(string)
    }
  }

  /// YAML 1.2.2 §7.3.1. The escapes are those that JSON has too.
  private static func quoted(_ string: String) -> String {
    var quoted = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where !YAMLScalar.isPrintable(scalar):
        let digits = String(scalar.value, radix: 16, uppercase: true)
        quoted += scalar.value > 0xFFFF ? "\\U" : "\\u"
        quoted += String(repeating: "0", count: (scalar.value > 0xFFFF ? 8 : 4) - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension JSONNode {
  /// Whether the value takes lines of its own.
  fileprivate var isBlock: Bool {
    switch value {
    case .object(let members): !members.isEmpty
    case .array(let elements): !elements.isEmpty
    default: false
    }
  }
}

/// How a text may be written in YAML.
enum YAMLScalar {
  /// Whether a character may stand anywhere as it is, and breaks no line. YAML 1.2.2 §5.1, and what older readers take
  /// for line breaks.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
    case 0x10000...: scalar.value & 0xFFFE != 0xFFFE
    default: false
    }
  }

  /// Whether a text can stand without quotation marks and is a text to every reader.
  static func isPlain(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, !indicators.contains(first), last != " ", last != ":",
      scalars.allSatisfy(isPrintable)
    else { return false }
    let isNumeric = ("0"..."9").contains(first) && scalars.allSatisfy(numeric.contains)
    guard !isNumeric, !words.contains(text.lowercased()) else { return false }
    return !contains(text, ":", before: " ") && !contains(text, " ", before: "#")
  }

  private static func contains(_ text: String, _ first: Unicode.Scalar, before second: Unicode.Scalar) -> Bool {
    zip(text.unicodeScalars, text.unicodeScalars.dropFirst()).contains { $0 == first && $1 == second }
  }

  /// What begins something else than a text, or a number.
  private static let indicators = Set("-?:,[]{}#&*!|>'\"%@`+.=<~ ".unicodeScalars)
  /// What numbers, dates and times are made of.
  private static let numeric = Set("0123456789abcdefABCDEF_xXoO.,:+-TtZz ".unicodeScalars)
  /// What YAML 1.1 or 1.2 takes for null, a bool or a number.
  private static let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

  /// Whether a text can stand as lines, each as it is.
  static func isLines(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard scalars.contains("\n"), let first = scalars.first, first != "\n",
      scalars.allSatisfy({ $0 == "\n" || isPrintable($0) })
    else { return false }
    // More than one line break at the end, a first line that is indented, and lines of spaces alone need more marks.
    guard first != " ", !text.hasSuffix("\n\n") else { return false }
    return !text.split(separator: "\n", omittingEmptySubsequences: true).contains { line in
      line.allSatisfy { $0 == " " }
    }
  }
}
