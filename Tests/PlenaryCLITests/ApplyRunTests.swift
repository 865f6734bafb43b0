import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Files applied by the CLI, against a daemon of each test's own.
struct ApplyRunTests {
  private static func theme(_ id: String, _ more: String = "") -> String {
    "name: themes/\(id)\nscheme: s\nprefLabel: {values: {en: \(id)}, originalLanguage: en}\n\(more)---\n"
  }

  private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test func `a plan is shown and nothing done, then it is done, then there is nothing to do`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = try write(Self.theme("a") + Self.theme("b"), "t.yaml", in: folder)
        let dry = await plenary.run("apply", "-f", file, "--dry-run", "--timeout", "20m")
        #expect(dry.status == .ok, "\(dry.side)")
        #expect(
          dry.output == """
            ACTION  NAME      FIELDS
            create  themes/a
            create  themes/b
            2 created, 0 updated, 0 unchanged (dry run: nothing was changed)

            """)
        #expect(await plenary.run("list", "themes").output.isEmpty)
        let done = await plenary.run("apply", "-f", file)
        #expect(done.output.hasSuffix("\ncreated  themes/b\n2 created, 0 updated, 0 unchanged\n"), "\(done.output)")
        let again = await plenary.run("apply", "-f", file, "-o", "json")
        #expect(again.output.contains("\"unchangedCount\": 2") && again.output.contains("\"applied\": true"))
        #expect(await plenary.run("apply", "-f", file, "-o", "name").output.isEmpty)
        let changed = try write(Self.theme("a", "notation: 010\n"), "u.yaml", in: folder)
        let update = await plenary.run("apply", "-f", changed)
        #expect(update.output.contains("\nupdated  themes/a  notation\n"), "\(update.output)")
        #expect(await plenary.run("apply", "-f", file, "-o", "name").output == "themes/a\n")
        _ = try await plenary.registry.themes.delete("themes/b")
        let back = await plenary.run("apply", "-f", file, "-o", "yaml")
        #expect(back.output.contains("\nundeletedCount: 1\n") && back.output.contains("    action: UNDELETE\n"))
      }
    }
  }

  @Test func `folders, files and the input are applied together`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        _ = try write(Self.theme("c"), "all/deep/c.yml", in: folder)
        _ = try write(Self.theme("b"), "all/b.yaml", in: folder)
        _ = try write("not YAML: [", "all/.hidden.yaml", in: folder)
        _ = try write("not YAML: [", "all/.git/x.yaml", in: folder)
        _ = try write("not YAML: [", "all/notes.txt", in: folder)
        let theme = #"{"name": "themes/a", "scheme": "s", "prefLabel": {"values": {"en": "A"}}}"#
        let json = try write("{\"theme\": \(theme)}", "a.json", in: folder)
        let all = folder.appending(path: "all").path
        let run = await plenary.run("apply", "-f", json, all, "-o", "name")
        #expect(run.output == "themes/a\nthemes/b\nthemes/c\n", "\(run.side)")
        #expect(await plenary.run("apply", "-f", all, "-f", json, "-o", "name").output.isEmpty)
        let empty = folder.appending(path: "empty").path
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let none = await plenary.run("apply", "-f", empty)
        #expect(none.status == .usage)
        #expect(none.side.hasPrefix("error: there is no file of records in \(empty); their names end in"))
        #expect(await plenary.run("apply", "-f", "-", "-").side.hasPrefix("error: the input can be read once only"))
        #expect(await plenary.run("apply").status == .usage)
        let nothing = try write("{}", "nothing.json", in: folder)
        #expect(await plenary.run("apply", "-f", nothing).side == "error: there are no records in \(nothing)\n")
      }
    }
  }

  @Test func `what the files leave out is deleted within the scope, and only with leave`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let ours = "annotations: {managed-by: us}\n"
        let four = ["a", "b", "c"].map { Self.theme($0, ours) }.joined() + Self.theme("d")
        let all = try write(four, "all.yaml", in: folder)
        #expect(await plenary.run("apply", "-f", all).status == .ok)
        let one = try write(Self.theme("a", ours), "one.yaml", in: folder)
        let prune = ["apply", "-f", one, "--prune", "themes,panels", "--filter", #"annotations.managed-by="us""#]
        let environment = ["PLENARY_SERVER": plenary.address]

        let unasked = await CapturedRun(prune, environment: environment)
        #expect(unasked.status == .usage)
        #expect(
          unasked.side == """
            error: 2 records would be deleted, and nobody can be asked; look at them with --dry-run, and give --yes
              themes/b
              themes/c

            """)
        let many = await CapturedRun(prune + ["--yes", "--max-deletions", "1"], environment: environment)
        #expect(many.status == .precondition && many.side.contains("PRUNE_LIMIT_EXCEEDED"))
        let no = await CapturedRun(prune, environment: environment, answer: "no")
        #expect(no.status == .other && no.side.hasSuffix("error: the answer was not yes, and nothing was changed\n"))
        #expect(no.side.contains("\ndelete     themes/b\n"), "\(no.side)")
        #expect(await plenary.run("list", "themes", "-o", "name").output.split(separator: "\n").count == 4)

        let yes = await CapturedRun(prune, environment: environment, answer: " Yes ")
        #expect(yes.status == .ok && yes.output == "0 created, 0 updated, 1 unchanged, 2 deleted\n", "\(yes.side)")
        #expect(await plenary.run("list", "themes", "-o", "name").output == "themes/a\nthemes/d\n")
        // Nothing is left to be asked for.
        let again = await CapturedRun(prune, environment: environment, answer: "no")
        #expect(again.status == .ok && again.side.isEmpty)
        let rest = ["apply", "-f", one, "--prune", "themes", "--filter", "*", "--yes"]
        #expect(await CapturedRun(rest, environment: environment).output.hasSuffix("1 unchanged, 1 deleted\n"))
      }
    }
  }

  @Test func `a person is asked before records are made, unless that is not wanted`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = try write(Self.theme("a"), "a.yaml", in: folder)
        let environment = ["PLENARY_SERVER": plenary.address]
        #expect(await CapturedRun(["apply", "-f", file], environment: environment, answer: "").status == .other)
        #expect(await plenary.run("list", "themes").output.isEmpty)
        let yes = await CapturedRun(["apply", "-f", file, "--yes"], environment: environment, answer: "")
        #expect(yes.status == .ok && yes.side.isEmpty)
      }
    }
  }

  @Test func `a record that is refused is told with its file, and nothing is changed`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = try write(Self.theme("a") + "- {name: themes/b}\n", "b.yaml", in: folder)
        let run = await plenary.run("apply", "-f", file)
        #expect(run.status == .invalid)
        #expect(run.side.contains("\n  \(file) document 2 [0]: themes/b\n"), "\(run.side)")
        #expect(await plenary.run("list", "themes").output.isEmpty)
      }
    }
  }

  @Test(arguments: [
    (["--prune", "themes"], "--prune deletes what --filter selects; give --filter"),
    (["--filter", "*"], "give --prune."),
    (["--in", "dialogues/a"], "give --prune."),
    (["--prune", "themes", "--filter", "*", "--max-deletions", "1001"], "--max-deletions must be from 0 to 1000."),
    (
      ["--prune", "themes", "--filter", "*", "--request-id", "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"],
      "--prune is repeated safely with --request-id only if it does not ask; give --yes."
    ),
    (["--prune", "theems", "--filter", "*"], "there is no kind 'theems', did you mean 'themes'?"),
    (["--prune", "themes", "--filter", "*", "--in", "dialogues/a"], "themes do not lie in other records"),
  ])
  func `a scope that is none is told before files are read`(_ arguments: [String], _ message: String) async {
    let run = await CapturedRun(["apply", "-f", "/nowhere/a.yaml"] + arguments)
    #expect(run.status == .usage && run.side.contains(message), "\(run.side)")
  }

  @Test func `as many records are applied as one step takes, and no more`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let most = (0..<Apply.recordCountMax).map { Self.theme("t\($0)") }.joined()
        let file = try write(most, "most.yaml", in: folder)
        let run = await plenary.run("apply", "-f", file, "--dry-run", "--timeout", "20m")
        #expect(run.output.contains("\n1000 created, 0 updated, 0 unchanged (dry run"), "\(run.side)")
        let more = try write(Self.theme("more"), "more.yaml", in: folder)
        let refused = await plenary.run("apply", "-f", file, more, "--dry-run", "--timeout", "20m")
        #expect(refused.status == .invalid)
        #expect(refused.side.hasPrefix("error: there are more than 1000 records, which one step takes at most"))
      }
    }
  }
}
