import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// What was, by the CLI.
struct HistoryRunTests {
  private let dialogue = "dialogues/asia-ict-ct-3"

  /// Changes the dialogue twice, and returns the revisions of its three versions, the oldest first.
  private func change(_ plenary: TestPlenary) async throws -> [String] {
    for count in ["41", "42"] {
      let run = await plenary.run("update", dialogue, "--set", "participant_count=\(count)")
      #expect(run.status == .ok, "\(run.side)")
    }
    let names = await plenary.run("history", dialogue, "--output", "name").output.split(separator: "\n")
    return names.reversed().map { $0.split(separator: "/").last.map(String.init) ?? "" }
  }

  @Test func `the history of a record is shown, newest first`() async throws {
    try await withExample { plenary in
      let revisions = try await change(plenary)
      #expect(revisions.count == 3)
      let table = await plenary.run("history", "dialogue", "asia-ict-ct-3").output.split(separator: "\n")
      #expect(table.count == 4 && table[0].hasPrefix("REVISION"))
      #expect(table[1].hasPrefix(revisions[2]) && table[1].contains("updated") && table[1].contains("anonymous"))
      #expect(table[3].hasPrefix(revisions[0]) && table[3].contains("created"))
      let one = await plenary.run("history", dialogue, "--limit", "1", "--output", "json")
      #expect(one.output.contains("\"kind\": \"UPDATED\"") && one.output.contains("\"latest\""))
      #expect(await plenary.run("history", "dialogues/none").status == .notFound)
    }
  }

  @Test func `records, lists and pages are shown as they were`() async throws {
    try await withExample { plenary in
      let revisions = try await change(plenary)
      for (revision, count) in zip(revisions.dropFirst(), ["41", "42"]) {
        #expect(await plenary.run("get", dialogue, "--at", revision).output.contains(" \(count)\n"))
        #expect(await plenary.run("describe", dialogue, "--at", revision).output.contains(" \(count)"))
      }
      let filter = [
        "list", "dialogues", "--filter", "participant_count = 41", "--output", "name", "--at", revisions[1],
      ]
      let environment = ["PLENARY_SERVER": plenary.address]
      #expect(await CapturedRun(filter, environment: environment).output == "\(dialogue)\n")
      _ = await plenary.run("update", "series", "asia-ict-ct-dialogue", "--set", "title=Another title")
      let series = await plenary.run("series", "show", "asia-ict-ct-dialogue", "--at", revisions[2])
      #expect(series.output.contains("3 of 3") && !series.output.contains("Another title"), "\(series.side)")
      #expect(await plenary.run("theme", "tree", "--at", revisions[0]).status == .ok)
      #expect(await plenary.run("organization", "tree", "--at", revisions[0]).status == .ok)
      let early = await plenary.run("get", dialogue, "--at", "2001-09-28")
      #expect(early.status == .notFound)
      let late = await plenary.run("get", dialogue, "--at", "9000-01-01T00:00:00Z")
      #expect(late.status == .other || late.status == .invalid)
      #expect(late.side.contains("REVISION_FUTURE"))
      let wrong = await plenary.run("get", dialogue, "--at", "nonsense")
      #expect(wrong.status == .invalid && wrong.side.contains("REVISION_INVALID"))
    }
  }

  @Test func `differences are shown, and told by the exit status`() async throws {
    try await withExample { plenary in
      let revisions = try await change(plenary)
      let fields = await plenary.run("diff", dialogue, revisions[1], revisions[2])
      #expect(fields.status == .differs && fields.side.isEmpty, "\(fields.side)")
      #expect(fields.output == "participant_count\n  - 41\n  + 42\n")
      let same = await plenary.run("diff", "dialogue", "asia-ict-ct-3", revisions[2])
      #expect(same.status == .ok && same.output.isEmpty)
      let registry = await plenary.run("diff", "--registry", revisions[0], "--output", "name")
      #expect(registry.status == .differs && registry.output == "\(dialogue)\n")
      let table = await plenary.run("diff", "--registry", "2001-09-28", revisions[0]).output
      #expect(table.split(separator: "\n").count == 42 && table.contains("created"))
      #expect(await plenary.run("diff", dialogue).status == .usage)
      #expect(await plenary.run("diff", "--registry", "2001-09-28", "2002-01-01", "2003-01-01").status == .usage)
    }
  }

  @Test func `a record is rolled back to a revision or a time`() async throws {
    try await withExample { plenary in
      let revisions = try await change(plenary)
      let trial = await plenary.run("rollback", dialogue, "--to", revisions[1], "--dry-run")
      #expect(trial.output == "\(dialogue) can be rolled back (dry run: nothing was changed)\n", "\(trial.side)")
      let back = await plenary.run("rollback", dialogue, "--to", revisions[1], "--reason", "counted twice")
      #expect(back.output == "rolled back \(dialogue)\n", "\(back.side)")
      #expect(await plenary.run("get", dialogue).output.contains(" 41\n"))
      #expect(await plenary.run("history", dialogue, "--limit", "1").output.contains("counted twice"))
      let second = try await plenary.registry.dialogues.get(
        .with { ($0.name, $0.revision) = (dialogue, revisions[2]) })
      let time = try ProtoJSON.string(try #require(second.updateTime)).filter { $0 != "\"" }
      #expect(await plenary.run("rollback", dialogue, "--to", time).status == .ok)
      #expect(await plenary.run("get", dialogue).output.contains(" 42\n"))
    }
  }

  @Test func `history is compacted, and the status tells from where on it is kept`() async throws {
    try await withExample { plenary in
      let revisions = try await change(plenary)
      #expect(await plenary.run("status").output.contains("complete"))
      let trial = await plenary.run("compact", "--to", revisions[2], "--dry-run")
      #expect(trial.output == "2 versions can be removed (dry run: nothing was changed)\n", "\(trial.side)")
      let done = await plenary.run("compact", "--to", revisions[2])
      #expect(done.output == "removed 2 versions; history begins at \(revisions[2])\n", "\(done.side)")
      #expect(await plenary.run("status").output.contains("from \(revisions[2])"))
      let gone = await plenary.run("get", dialogue, "--at", revisions[1])
      #expect(gone.side.contains("REVISION_COMPACTED"))
      let left = await plenary.run("history", dialogue, "--output", "name").output
      #expect(left == "\(dialogue)/revisions/\(revisions[2])\n")
    }
  }
}
