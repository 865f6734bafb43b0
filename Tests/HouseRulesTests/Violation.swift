internal import Testing

/// A rule broken at a place, and what to do about it.
struct Violation: Equatable, CustomStringConvertible {
  var path: String
  var line: Int
  var rule: String
  var remedy: String

  var description: String { "\(path):\(line): \(rule). \(remedy)" }
}

/// Fails the running test once for each violation, at the place that breaks the rule.
func expectNone(_ violations: [Violation]) {
  for violation in violations {
    let place = SourceLocation(
      fileID: violation.path.contains("/") ? violation.path : "./\(violation.path)", filePath: violation.path,
      line: violation.line, column: 1)
    Issue.record(Comment(rawValue: violation.description), sourceLocation: place)
  }
}
