/// The text of a path, taken apart at its dots.
enum FieldPathText {
  struct Segment {
    var text: String
    /// Whether it stood between backticks and so is a key.
    let isQuoted: Bool
  }

  static func segments(of path: String) throws(FieldPathError) -> [Segment] {
    var segments: [Segment] = []
    var rest = path[...]
    while true {
      let segment = try rest.first == "`" ? quoted(&rest, path) : plain(&rest, path)
      segments.append(segment)
      if rest.isEmpty { return segments }
      guard rest.removeFirst() == "." else { throw FieldPathError("a dot belongs behind the backtick", in: path) }
    }
  }

  private static func plain(_ rest: inout Substring, _ path: String) throws(FieldPathError) -> Segment {
    let text = rest.prefix { $0 != "." }
    guard !text.isEmpty else { throw FieldPathError("a name is missing", in: path) }
    guard text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
      throw FieldPathError("\"\(text)\" must stand between backticks", in: path)
    }
    rest = rest.dropFirst(text.count)
    return Segment(text: String(text), isQuoted: false)
  }

  private static func quoted(_ rest: inout Substring, _ path: String) throws(FieldPathError) -> Segment {
    var text = ""
    rest.removeFirst()
    while let character = rest.popFirst() {
      guard character == "`" else {
        text.append(character)
        continue
      }
      guard rest.first == "`" else { return Segment(text: text, isQuoted: true) }
      rest.removeFirst()
      text.append("`")
    }
    throw FieldPathError("a backtick is not closed", in: path)
  }
}
