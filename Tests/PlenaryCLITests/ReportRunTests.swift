import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Outcome reports by the CLI.
struct ReportRunTests {
  private static let name = "outcomeReports/asia-ict-ct-outcomes"

  @Test func `gaps are shown and change nothing`() async throws {
    try await withExample { plenary in
      let gaps = await plenary.run("report", "gaps", "asia-ict-ct-outcomes", width: 140)
      #expect(gaps.status == .ok, "\(gaps.side)")
      #expect(gaps.output.contains("MISSING") && gaps.output.contains("dialogue without panels"))
      let names = await plenary.run("report", "gaps", "asia-ict-ct-outcomes", "-o", "name")
      #expect(names.output.split(separator: "\n").count == 9)
      let report = try await plenary.registry.outcomeReports.get(Self.name)
      #expect(report.state == .draft)
    }
  }

  @Test func `a report is compiled, shown, and verified without a daemon`() async throws {
    try await withExample { plenary in
      let rehearsed = await plenary.run("report", "compile", "asia-ict-ct-outcomes", "--dry-run")
      #expect(rehearsed.output.contains("can be compiled (dry run"), "\(rehearsed.side)")
      let compiled = await plenary.run("report", "compile", "asia-ict-ct-outcomes")
      let digest = try await plenary.registry.outcomeReports.get(Self.name).contentDigest
      #expect(compiled.output.contains("compiled \(Self.name)") && compiled.output.contains(digest))
      let shown = await plenary.run("report", "show", "asia-ict-ct-outcomes", width: 140)
      #expect(shown.output.contains("Outcomes report of the Asia ICT and CT Dialogue"))
      #expect(shown.output.contains("Kuala Lumpur, 2018-11-07") && shown.output.contains("0 of 6 groups consulted"))
      let json = await plenary.run("report", "show", "asia-ict-ct-outcomes", "-o", "json").output
      #expect(ReportContent.digest(Array(json.utf8)) == digest)
      let file = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString).json")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(json.utf8).write(to: file)
      let nowhere = ["PLENARY_SERVER": "localhost:1"]
      let right = await CapturedRun(["report", "verify", file.path, "--digest", digest], environment: nowhere)
      #expect(right.status == .ok && right.output.contains("yes, byte for byte"), "\(right.side)")
      let wrong = await CapturedRun(["report", "verify", file.path, "--digest", "00"], environment: nowhere)
      #expect(wrong.status == .differs && wrong.side.contains("is not the content of --digest"))
      let report = await plenary.run("report", "verify", file.path, "--report", "asia-ict-ct-outcomes")
      #expect(report.status == .ok)
      let unread = await CapturedRun(["report", "verify", "/nowhere.json"], environment: nowhere)
      #expect(unread.status == .usage)
    }
  }

  @Test func `verbs take a report to publication as far as it may go`() async throws {
    try await withExample { plenary in
      let early = await plenary.run("report", "submit", "asia-ict-ct-outcomes")
      #expect(early.status == .precondition && early.side.contains("CompileOutcomeReport"), "\(early.side)")
      _ = await plenary.run("report", "compile", "asia-ict-ct-outcomes")
      #expect(await plenary.run("report", "submit", "asia-ict-ct-outcomes").output == "submitted \(Self.name)\n")
      let incomplete = await plenary.run("report", "approve", "asia-ict-ct-outcomes")
      #expect(incomplete.status == .precondition && incomplete.side.contains("REPORT_INCOMPLETE"))
      #expect(await plenary.run("report", "return", "asia-ict-ct-outcomes").output == "returned \(Self.name)\n")
    }
  }
}
