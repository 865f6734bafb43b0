/// How long a handwritten file and a function may be.
enum SizeRules {
  static let fileLinesMax = 500
  static let functionLinesMax = 70

  /// The few that are longer, by path or by "path name", each with its real size: a list that only shrinks.
  static let exceptions: [String: Int] = [:]

  static func check(_ file: SwiftText, exceptions: [String: Int] = exceptions) -> [Violation] {
    var found: [Violation] = []
    func check(_ what: String, _ subject: String, lines: Int, limit: Int, at line: Int) {
      let listed = exceptions[subject]
      guard lines != listed, lines > limit || listed != nil else { return }
      let remedy = listed == nil ? "Split it by subject" : "The exception says \(listed ?? 0): put the smaller number"
      found.append(
        Violation(path: file.path, line: line, rule: "\(what) has \(lines) lines of \(limit)", remedy: remedy))
    }
    check("the file", file.path, lines: file.lineCount, limit: fileLinesMax, at: 1)
    for function in file.declarations where function.isFunction {
      check(
        "\(function.name)", "\(file.path) \(function.name)", lines: function.lines.count, limit: functionLinesMax,
        at: function.lines.lowerBound)
    }
    return found
  }
}
