import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Single records made, changed and deleted by the CLI, and the state of the daemon.
struct ChangeRunTests {
  @Test func `a record is made, changed by mask and etag, and deleted`() async throws {
    try await withPlenary { plenary in
      let create = ["create", "theme", "a", "--set", "scheme=s", "--set", "pref_label=A"]
      let environment = ["PLENARY_SERVER": plenary.address]
      let dry = await CapturedRun(create + ["--dry-run"], environment: environment)
      #expect(dry.output == "themes/a can be created (dry run: nothing was changed)\n")
      #expect(await plenary.run("get", "theme", "a").status == .notFound)
      #expect(await CapturedRun(create, environment: environment).output == "created themes/a\n")
      let first = try await plenary.registry.themes.get("themes/a")
      #expect(
        await plenary.run("update", "theme", "a", "--set", "notation=7", "--etag", first.etag).output
          == "updated themes/a\n")
      let stale = await plenary.run("update", "theme", "a", "--set", "notation=8", "--etag", first.etag)
      #expect(stale.status == .conflict)
      #expect(stale.side.contains("(ETAG_MISMATCH)"))
      let second = try await plenary.registry.themes.get("themes/a")
      #expect(second.notation == "7")
      #expect(second.prefLabel?.values == ["en": "A"])
      #expect(
        await plenary.run("update", "theme", "a", "--clear", "notation", "--output", "name").output == "themes/a\n")
      #expect(try await plenary.registry.themes.get("themes/a").notation.isEmpty)
      #expect(await plenary.run("delete", "theme", "a", "--etag", first.etag).status == .conflict)
      #expect(await plenary.run("delete", "theme", "a", "--dry-run").status == .ok)
      #expect(await plenary.run("delete", "theme", "a").output == "deleted themes/a\n")
      #expect(await plenary.run("delete", "theme", "a").status == .notFound)
      #expect(await plenary.run("delete", "theme", "b", "--allow-missing").output == "there is no themes/b\n")
      #expect(await plenary.run("list", "themes").output.isEmpty)
      #expect(await plenary.run("list", "themes", "--show-deleted", "--output", "name").output == "themes/a\n")
    }
  }

  @Test func `a deleted record comes back, or is gone for good once that is forced`() async throws {
    try await withExample { plenary in
      #expect(await plenary.run("undelete", "dialogue", "asia-ict-ct-3").status == .conflict)
      let create = await plenary.run("create", "theme", "spare", "--set", "scheme=s", "--set", "pref_label=Spare")
      #expect(create.status == .ok)
      #expect(await plenary.run("delete", "theme", "spare").status == .ok)
      let dry = await plenary.run("undelete", "theme", "spare", "--dry-run")
      #expect(dry.output == "themes/spare can be undeleted (dry run: nothing was changed)\n")
      #expect(await plenary.run("undelete", "theme", "spare").output == "undeleted themes/spare\n")
      #expect(await plenary.run("delete", "theme", "spare").status == .ok)

      #expect(await plenary.run("purge", "themes").status == .usage)
      #expect(await plenary.run("purge", "themes", "--all", "--filter", "notation = 1").status == .usage)
      let counted = await plenary.run("purge", "themes", "--all")
      #expect(counted.output == "1 deleted theme can be purged\n  themes/spare\n")
      #expect(await plenary.run("purge", "themes", "--all", "--force", "--dry-run").output == counted.output)
      let json = await plenary.run("purge", "themes", "--filter", #"scheme = "s""#, "--output", "json")
      #expect(json.output.contains(#""purged": false"#) && json.output.contains(#""count": 1"#))
      #expect(await plenary.run("get", "theme", "spare").status == .ok)
      let purged = await plenary.run("purge", "themes", "--all", "--force")
      #expect(purged.output == "purged 1 theme\n  themes/spare\n")
      #expect(await plenary.run("get", "theme", "spare").status == .notFound)
    }
  }

  @Test func `a file gives a record, and the mask says what of it counts`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "theme.json")
        try Data(#"{"scheme":"s","prefLabel":{"values":{"en":"A"}},"notation":"1"}"#.utf8).write(to: file)
        #expect(await plenary.run("create", "theme", "a", "-f", file.path, "--set", "notation=2").status == .ok)
        try Data(#"{"prefLabel":{"values":{"en":"B"}},"notation":"3"}"#.utf8).write(to: file)
        #expect(await plenary.run("update", "theme", "a", "-f", file.path, "--mask", "notation").status == .ok)
        var theme = try await plenary.registry.themes.get("themes/a")
        #expect(theme.notation == "3")
        #expect(theme.prefLabel?.values == ["en": "A"])
        #expect(await plenary.run("update", "theme", "a", "-f", file.path).status == .ok)
        theme = try await plenary.registry.themes.get("themes/a")
        #expect(theme.prefLabel?.values == ["en": "B"])
        let wrong = await plenary.run("update", "theme", "a", "-f", file.path, "--mask", "notatio")
        #expect(wrong.status == .usage)
        #expect(wrong.side.contains("did you mean 'notation'?"))
      }
    }
  }

  @Test func `an entry of a list is changed and the others stay`() async throws {
    try await withExample { plenary in
      let run = await plenary.run(
        "update", "partnership", "asia-ict-ct-3", "--set", "participants.1.role=HOST", "--set",
        "participants.2.organization=ctc", "--set", "participants.2.role=SUPPORTER")
      #expect(run.output == "updated partnerships/asia-ict-ct-3\n", "\(run.side)")
      let partnership = try await plenary.registry.partnerships.get("partnerships/asia-ict-ct-3")
      #expect(partnership.participants.map(\.role) == [.coOrganizer, .host, .supporter])
      #expect(
        partnership.participants.map(\.organization) == [
          "organizations/cted", "organizations/searcct", "organizations/ctc",
        ])
    }
  }

  @Test func `a record that is not there is made when that is wanted`() async throws {
    try await withPlenary { plenary in
      let update = ["update", "theme", "a", "--set", "scheme=s", "--set", "pref_label=A"]
      let environment = ["PLENARY_SERVER": plenary.address]
      #expect(await CapturedRun(update, environment: environment).status == .notFound)
      #expect(await CapturedRun(update + ["--allow-missing"], environment: environment).status == .ok)
      #expect(await plenary.run("get", "theme", "a").status == .ok)
    }
  }

  @Test func `a dialogue with children is deleted only by force`() async throws {
    try await withExample { plenary in
      // The report rests on the dialogue; without it only the children are in the way.
      let run = await plenary.run("delete", "dialogue", "asia-ict-ct-3")
      #expect(run.status == .precondition)
      #expect(run.side.contains("(HAS_CHILDREN)"))
      #expect(run.side.contains("  --force deletes the children with it"))
      #expect(run.side.contains("  dialogues/asia-ict-ct-3/workingGroups/wg-1: "))
    }
  }

  @Test func `lists end where one wants and go on over pages`() async throws {
    let themes = (0..<1203).map { number in
      Record.with {
        $0.kind = .theme(
          .with {
            $0.name = "themes/t\(number)"
            $0.scheme = "s"
            $0.prefLabel = .with { $0.values = ["en": "Theme \(number)"] }
          })
      }
    }
    try await withPlenary(importing: themes) { plenary in
      func count(_ arguments: String...) async -> Int {
        let run = await CapturedRun(
          ["list", "themes", "--output", "name"] + arguments, environment: ["PLENARY_SERVER": plenary.address])
        return Set(run.output.split(separator: "\n")).count
      }
      #expect(await count() == 1203)
      #expect(await count("--limit", "1") == 1)
      #expect(await count("--limit", "501") == 501)
      let table = await plenary.run("list", "themes", width: 80)
      #expect(table.output.split(separator: "\n").count == 1204)
      #expect(table.output.matches(of: /NAME/).count == 1)
      let json = await plenary.run("list", "themes", "--limit", "2", "--output", "json")
      let array = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
      #expect(array?.count == 2)
      #expect(await plenary.run("list", "dialogues", "--output", "json").output == "[]\n")
      #expect(await plenary.run("list", "dialogues").side == "no dialogues\n")
    }
  }

  @Test(arguments: [
    ("fromat = WORKSHOP", "did you mean `format`?"), ("format = ", "(FILTER_SYNTAX)"),
    ("start_date > \"yesterday\"", "error: "),
  ])
  func `a filter that is wrong is told`(_ filter: String, _ message: String) async throws {
    try await withPlenary { plenary in
      let run = await plenary.run("list", "dialogues", "--filter", filter)
      #expect(run.status == .invalid)
      #expect(run.side.contains(message), "\(run.side)")
    }
  }

  @Test func `the status tells version, health and how much there is`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("status")
      #expect(run.status == .ok)
      let lines = run.output.split(separator: "\n").map(String.init)
      #expect(lines[0] == "server             \(plenary.address)")
      #expect(lines[1] == "health             serving")
      #expect(lines.contains("records            41"))
      #expect(lines.contains("  themes           15"))
      let json = await plenary.run("status", "--output", "json")
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(object?.keys.sorted() == ["access", "health", "server", "store"])
    }
  }

  @Test func `a daemon that is not there is told in one line`() async throws {
    try await withFolder { folder in
      let server = "unix:\(folder.path)/none.sock"
      for verb in [["status"], ["list", "dialogues"], ["get", "themes/a"], ["export"], ["import", Example.path]] {
        let run = await CapturedRun(verb + ["--server", server])
        #expect(run.status == .unavailable)
        #expect(run.side.hasPrefix("error: cannot reach plenaryd at \(server): "))
        #expect(run.side.hasSuffix("; start it with `plenaryd run`, or give --server or PLENARY_SERVER\n"))
        #expect(run.output.isEmpty)
      }
    }
  }
}
