@testable internal import dev
internal import Testing

/// What is shown of a run of the Swift tests, so that the end of a log tells what failed.
@Suite struct SwiftTestReportTests {
  @Test func `tests that start and pass are not shown`() {
    #expect(
      shown([
        "◇ Test run started.", "◇ Test \"a thing is so\" started.", "◇ Test case passing 1 argument x → 1 started.",
        "✔ Test \"a thing is so\" passed after 0.1 seconds.", "✔ Suite \"Things\" passed after 0.1 seconds.",
        "✔ Test run with 1 test in 1 suite passed after 0.1 seconds.",
      ]).lines
        == ["◇ Test run started.", "✔ Test run with 1 test in 1 suite passed after 0.1 seconds."])
  }

  @Test func `colours make no difference`() {
    let lines = ["\u{1B}[90m◇\u{1B}[0m Test a() started.", "\u{1B}[92m✔\u{1B}[0m Test a() passed after 1 seconds."]
    #expect(shown(lines).lines.isEmpty)
  }

  @Test func `how many have passed is told now and then`() {
    let count = SwiftTestReport.progressCount
    let lines = (0..<count).flatMap { ["◇ Test t\($0)() started.", "✔ Test t\($0)() passed after 1 seconds."] }
    #expect(shown(lines).lines == ["    \(count) tests have passed"])
  }

  @Test func `what failed is said again at the end`() {
    let failure = "✘ Test \"started. is a word\" recorded an issue at A.swift:1:2: Expectation failed: \"a\" == \"b\""
    let comment = "↳ for want of a nail"
    let run = shown([
      "◇ Test \"started. is a word\" started.", "◇ Test other() started.", failure, comment,
      "✔ Test other() passed after 0.1 seconds.",
      "✘ Test \"started. is a word\" failed after 0.2 seconds with 1 issue.",
      "✘ Test run with 2 tests in 1 suite failed after 0.2 seconds with 1 issue.",
    ])
    #expect(run.lines.prefix(2) == [failure, comment])
    #expect(
      run.report.summary == [
        "==> what failed", failure, comment, "✘ Test \"started. is a word\" failed after 0.2 seconds with 1 issue.",
        "✘ Test run with 2 tests in 1 suite failed after 0.2 seconds with 1 issue.",
      ])
  }

  @Test func `what ran when the tests were ended is named`() {
    let run = shown([
      "◇ Test first() started.", "◇ Test \"a crash\" started.", "✔ Test first() passed after 0.1 seconds.",
      "◇ Test \"another\" with 2 test cases started.", "error: Exited with unexpected signal code 11",
    ])
    #expect(run.lines == ["error: Exited with unexpected signal code 11"])
    #expect(
      run.report.summary == ["==> the tests ended before their end, while there ran:", "\"a crash\"", "\"another\""])
  }

  @Test func `many failures are said again up to a limit`() {
    let lines = (0...SwiftTestReport.failureLineCountMax).map { "✘ Test t\($0)() recorded an issue at A.swift:1:2" }
    let run = shown(lines + ["✘ Test run with 1 test in 1 suite failed after 1 second with 1 issue."])
    #expect(run.report.summary.count == SwiftTestReport.failureLineCountMax + 2)
    #expect(run.report.summary.last == "and 2 lines more")
  }

  private func shown(_ lines: [String]) -> (lines: [String], report: SwiftTestReport) {
    var report = SwiftTestReport()
    return (lines.compactMap { report.shown(for: $0) }, report)
  }
}
