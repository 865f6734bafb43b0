/// What of the output of `swift test` is shown, and what is said when it has failed.
///
/// The thousands of lines on tests that start and pass are left out: in a log of which only the end is kept they would
/// stand where the failures should.
struct SwiftTestReport {
  /// A line of progress is shown after each so many tests.
  static let progressCount = 250

  /// The most lines that are said again at the end.
  static let failureLineCountMax = 200

  private var running: Set<String> = []
  private var failures: [String] = []
  private var passedCount = 0
  private var isDone = false
  private var isWithinFailure = false

  /// What to show for a line; nil for nothing.
  mutating func shown(for coloured: String) -> String? {
    let line = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    if line.hasPrefix("◇ ") || line.hasPrefix("✔ ") { isWithinFailure = false }
    if line.hasPrefix("✔ Test run with ") || line.hasPrefix("✘ Test run with ") { isDone = true }
    if line.hasPrefix("◇ Test run ") || line.hasPrefix("✔ Test run ") { return line }
    if line.hasPrefix("◇ Test case ") || line.hasPrefix("◇ Suite ") || line.hasPrefix("✔ Suite ") { return nil }
    if let name = name(in: line, of: "◇ Test ", upTo: [" with ", " started."]) {
      running.insert(name)
      return nil
    }
    if let name = name(in: line, of: "✔ Test ", upTo: [" with ", " passed after "]), running.remove(name) != nil {
      passedCount += 1
      return passedCount.isMultiple(of: Self.progressCount) ? "    \(passedCount) tests have passed" : nil
    }
    if let name = name(in: line, of: "✘ Test ", upTo: [" with ", " failed after ", " recorded an issue"]) {
      if line.contains(" failed after ") { running.remove(name) }
      isWithinFailure = true
    }
    // What a failure is about can take several lines.
    if isWithinFailure { failures.append(line) }
    return line
  }

  /// What a reader of the end of the output has to know when the run has failed: what failed, and if the tests did not
  /// come to their end, which of them were running then.
  var summary: [String] {
    var lines = failures.isEmpty ? [] : ["==> what failed"] + failures.prefix(Self.failureLineCountMax)
    if failures.count > Self.failureLineCountMax {
      lines.append("and \(failures.count - Self.failureLineCountMax) lines more")
    }
    if !isDone {
      lines.append("==> the tests ended before their end, while there ran:")
      lines += running.sorted()
    }
    return lines
  }

  /// The name of the test that a line is about, with its quotation marks if it has any.
  private func name(in line: String, of start: String, upTo ends: [String]) -> String? {
    guard line.hasPrefix(start) else { return nil }
    let rest = line.dropFirst(start.count)
    // A name in quotation marks may have the words in it that follow names.
    let quote = rest.first == "\"" ? "\"" : ""
    let end = ends.compactMap { rest.firstRange(of: quote + $0)?.lowerBound }.min()
    return end.map { String(rest[..<$0]) + quote }
  }
}
