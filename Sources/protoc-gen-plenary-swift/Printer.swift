/// Collects lines of source text and indents them.
struct Printer {
  private(set) var text = ""
  private var depth = 0

  /// A line; several if it holds line breaks, nothing but the break if it is empty.
  mutating func print(_ line: String = "") {
    for part in line.split(separator: "\n", omittingEmptySubsequences: false) {
      if !part.isEmpty { text += String(repeating: "  ", count: depth) + part }
      text += "\n"
    }
  }

  /// Lines between an opening line and a closing one.
  mutating func block(_ opening: String, closing: String = "}", _ body: (inout Printer) throws -> Void) rethrows {
    print(opening)
    depth += 1
    try body(&self)
    depth -= 1
    print(closing)
  }

  /// A documentation comment, from the proto's comment or, where it has none, from `fallback`.
  mutating func doc(_ comment: String, or fallback: String) {
    let lines = Self.docLines(comment)
    for line in lines.isEmpty ? [fallback] : lines { print(line.isEmpty ? "///" : "/// \(line)") }
  }

  /// The comment without what is meant for the API linter, and without blank lines at its ends.
  static func docLines(_ comment: String) -> [String] {
    var kept = comment
    while let start = kept.range(of: "(--"), let end = kept.range(of: "--)", after: start.upperBound) {
      kept.removeSubrange(start.lowerBound..<end.upperBound)
    }
    var lines = kept.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.hasPrefix(" ") ? line.dropFirst() : line).trimmingTrailingSpaces
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    return lines
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  fileprivate func range(of needle: String, after start: Index? = nil) -> Range<Index>? {
    self[(start ?? startIndex)...].firstRange(of: needle)
  }
}
