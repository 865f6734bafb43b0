import Foundation
import Testing

/// The handbook's threats: each says what stands against it, and the tests that it names exist.
@Suite struct ThreatModelTests {
  private struct Threat {
    let what: String
    let answer: String
    let tests: [String]
  }

  private static func threats() throws -> [Threat] {
    let file = RulesPage.root.appending(path: "Sources/Plenary.docc/ThreatModel.md")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    return lines.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| Threat |") }.map { line in
      let cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let tests = cells.count > 2 ? cells[2].matches(of: /`([^`]+)`/).map { String($0.1) } : []
      return Threat(what: cells[0], answer: cells.count > 1 ? cells[1] : "", tests: tests)
    }
  }

  @Test func `each test that a threat names exists`() throws {
    let known = try TestNames.all()
    let threats = try Self.threats()
    #expect(threats.count > 25)
    for threat in threats {
      for test in threat.tests { #expect(known.contains(test), "\(threat.what): `\(test)` does not exist") }
    }
  }

  @Test func `each threat has an answer, and one without a test says that it is open`() throws {
    for threat in try Self.threats() {
      #expect(!threat.answer.isEmpty, "\(threat.what)")
      #expect(!threat.tests.isEmpty || threat.answer.hasPrefix("Open: "), "\(threat.what) has no test")
    }
  }
}
