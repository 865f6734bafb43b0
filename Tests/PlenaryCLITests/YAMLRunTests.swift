import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// YAML in and out of the CLI, and several records at once, against a daemon of each test's own.
struct YAMLRunTests {
  @Test func `what is exported as YAML imports unchanged, here and elsewhere`() async throws {
    try await withExample { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "out.yaml").path
        #expect(await plenary.run("export", "--file", file, "-o", "yaml").side == "41 records in \(file)\n")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("records:\n  - source:\n      name: sources/"))
        #expect(await plenary.run("import", file).output == "0 created, 0 updated, 41 unchanged, 0 failed\n")
        try await withPlenary { other in
          #expect(await other.run("import", file).output == "41 created, 0 updated, 0 unchanged, 0 failed\n")
          #expect(await other.run("export", "-o", "yaml").output == text)
          #expect(await other.run("export").output == plenary.run("export").output)
        }
      }
    }
    try await withPlenary { plenary in #expect(await plenary.run("export", "-o", "yaml").output == "{}\n") }
  }

  @Test(arguments: [
    ["get", "dialogue", "asia-ict-ct-3"], ["list", "dialogues"], ["describe", "dialogue", "asia-ict-ct-3"],
    ["series", "show", "asia-ict-ct-dialogue"], ["organization", "tree"], ["theme", "tree"],
    ["translate", "status", "dialogues", "--language", "fr"], ["filter", "explain", "dialogues", "ordinal > 1"],
    ["explain", "dialogue.format"], ["purge", "themes", "--all"], ["status"], ["version"], ["export", "series"],
    ["import", Example.path], ["dialogue", "archive", "asia-ict-ct-3", "--reason", "done", "--dry-run"],
    ["list", "panels"],
  ])
  func `every answer in JSON is there in YAML too`(_ arguments: [String]) async throws {
    try await withExample { plenary in
      let environment = ["PLENARY_SERVER": plenary.address]
      let json = await CapturedRun(arguments + ["--output", "json"], environment: environment)
      let yaml = await CapturedRun(arguments + ["-o", "yaml"], environment: environment)
      #expect(json.status == .ok && yaml.status == .ok, "\(yaml.side)")
      #expect(yaml.output.last == "\n" && (yaml.output != json.output || yaml.output == "[]\n"))
      let documents = try YAMLReader.documents(Array(yaml.output.utf8))
      #expect(documents.count == 1)
      #expect(Self.text(documents[0]) == Self.text(try ProtoJSON.parse(Array(json.output.utf8))))
    }
  }

  /// What differs from one call to the next: the free disk, how far the search index is, the last checkpoint.
  private static let passing: Set = ["health"]

  /// All texts and names of a value. What stands without quotation marks in YAML is not yet of a type.
  private static func text(_ node: JSONNode) -> String {
    switch node.value {
    case .null: "null"
    case .bool(let truth): "\(truth)"
    case .number(let text), .string(let text), .plain(let text): text
    case .array(let elements): "[\(elements.map(text).joined(separator: ", "))]"
    case .object(let members):
      "{\(members.map { "\($0.name): \(passing.contains($0.name) ? "" : text($0.value))" }.joined(separator: ", "))}"
    }
  }

  @Test func `a record is made and changed by files of YAML, by name or by what is in them`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        func file(_ name: String, _ text: String) throws -> String {
          let file = folder.appending(path: name)
          try Data(text.utf8).write(to: file)
          return file.path
        }
        let made = try file("theme.yaml", "scheme: s\nprefLabel:\n  values:\n    no: Tema\n  originalLanguage: no\n")
        #expect(await plenary.run("create", "theme", "a", "--file", made).output == "created themes/a\n")
        #expect(try await plenary.registry.themes.get("themes/a").prefLabel?.values == ["no": "Tema"])
        let changed = try file("theme.txt", "# by its content\nnotation: 010\n")
        #expect(await plenary.run("update", "theme", "a", "--file", changed).output == "updated themes/a\n")
        #expect(try await plenary.registry.themes.get("themes/a").notation == "010")
        let braces = try file("theme.yml", "{notation: 1e3}")
        #expect(await plenary.run("update", "theme", "a", "--file", braces).status == .ok)
        #expect(try await plenary.registry.themes.get("themes/a").notation == "1e3")

        let two = try file("two.yaml", "notation: a\n---\nnotation: b\n")
        #expect(
          await plenary.run("update", "theme", "a", "--file", two).side
            == "error: \(two), line 3, column 1: there are 2 documents, and one Theme belongs here\n")
        let wrong = try file("wrong.yaml", "scheme: s\nprefLable: {}\n")
        let run = await plenary.run("create", "theme", "b", "--file", wrong)
        #expect(run.status == .invalid)
        #expect(run.side.hasPrefix("error: \(wrong), line 2, column 1, prefLable: plenary.v1.Theme has no field"))
        let empty = try file("empty.yaml", "# nothing\n---\n")
        #expect(await plenary.run("import", empty).side.hasPrefix("error: \(empty) is empty; give a Bundle or records"))
      }
    }
  }

  @Test func `documents may hold bundles, lists and records`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "all.yaml")
        func named(_ id: String) -> String {
          "name: themes/\(id), scheme: s, prefLabel: {values: {en: \(id)}, originalLanguage: en}"
        }
        let text = """
          name: themes/a
          scheme: s
          prefLabel: {values: {en: A}, originalLanguage: en}
          ---
          - theme: {\(named("b"))}
          - {\(named("c"))}
          ---
          records:
            - theme: {\(named("d"))}
          ---
          theme: {\(named("e"))}
          """
        try Data(text.utf8).write(to: file)
        #expect(await plenary.run("import", file.path).output == "5 created, 0 updated, 0 unchanged, 0 failed\n")
        #expect(await plenary.run("import", file.path, "-o", "yaml").output.contains("\nunchangedCount: 5\n"))

        // What get and list write goes back in as it is.
        let list = folder.appending(path: "list.json")
        try Data(await plenary.run("list", "themes", "--output", "json").output.utf8).write(to: list)
        #expect(await plenary.run("import", list.path).output == "0 created, 0 updated, 5 unchanged, 0 failed\n")
        let one = folder.appending(path: "one.yaml")
        try Data(await plenary.run("get", "theme", "a", "-o", "yaml").output.utf8).write(to: one)
        #expect(await plenary.run("import", one.path).output == "0 created, 0 updated, 1 unchanged, 0 failed\n")
      }
    }
  }

  @Test(arguments: [
    ("- {name: themes/a, colour: red}", "line 1, column 20, [0].colour: plenary.v1.Theme has no field \"colour\""),
    ("name: colours/red", "line 1, column 7, name: no record has a name like \"colours/red\""),
    ("- {name: [a]}", "line 1, column 10, [0].name: the name of a record belongs here, not an array"),
    ("record: []", "line 1, column 1, record: plenary.v1.Bundle has no field \"record\"; did you mean \"records\"?"),
    ("name: themes/a\n---\n- theme: {name: themes/b, scheme: s}", "2 of 2 records cannot be imported"),
  ])
  func `what is no record is told with its place`(_ text: String, _ message: String) async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "b.yaml")
        try Data(text.utf8).write(to: file)
        let run = await plenary.run("import", file.path)
        #expect(run.status == .invalid)
        let side = run.side.replacing(file.path + ", ", with: "").replacing(file.path, with: "b.yaml")
        #expect(side.hasPrefix("error: \(message)"), "\(side)")
        if text.contains("---") {
          #expect(side.contains("b.yaml document 1 themes/a"), "\(side)")
          #expect(side.contains("b.yaml document 2 [0] themes/b"), "\(side)")
        }
      }
    }
  }

  @Test func `several records are gotten at once, in the order of their names`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("get", "dialogues", "asia-ict-ct-3", "asia-ict-ct-1", "--output", "name")
      #expect(run.output == "dialogues/asia-ict-ct-3\ndialogues/asia-ict-ct-1\n")
      let mixed = ["get", "dialogues/asia-ict-ct-1", "series/asia-ict-ct-dialogue", "dialogues/asia-ict-ct-1"]
      let environment = ["PLENARY_SERVER": plenary.address]
      let names = await CapturedRun(mixed + ["-o", "name"], environment: environment)
      #expect(
        names.output == "dialogues/asia-ict-ct-1\nseries/asia-ict-ct-dialogue\ndialogues/asia-ict-ct-1\n")
      let json = await CapturedRun(mixed + ["-o", "json"], environment: environment)
      guard case .array(let elements) = try ProtoJSON.parse(Array(json.output.utf8)).value else {
        return #expect(Bool(false))
      }
      #expect(elements.count == 3)
      let table = await plenary.run("get", "dialogue", "asia-ict-ct-1", "asia-ict-ct-2")
      let first = await plenary.run("get", "dialogue", "asia-ict-ct-1")
      let second = await plenary.run("get", "dialogue", "asia-ict-ct-2")
      #expect(table.output == first.output + "\n" + second.output)
      let missing = await plenary.run("get", "dialogue", "asia-ict-ct-1", "asia-ict-ct-9")
      #expect(missing.status == .notFound && missing.output.isEmpty)
      #expect(await plenary.run("get", "dialogue", "asia-ict-ct-1", "series/asia-ict-ct-dialogue").status == .usage)
      #expect(await plenary.run("get", "dialogues/asia-ict-ct-1", "asia-ict-ct-2").status == .usage)
    }
  }

  @Test func `more records than one call may get are gotten by several`() async throws {
    let records = (0..<1001).map { number in
      Record.with {
        $0.kind = .theme(
          .with {
            $0.name = "themes/t\(number)"
            $0.scheme = "s"
            $0.prefLabel = .with { $0.values = ["en": "T\(number)"] }
            // Together they take more than one answer may have, and so do the first thousand.
            $0.definition = .with { $0.values = ["en": String(repeating: "x", count: 4000)] }
          })
      }
    }
    try await withPlenary(importing: records) { plenary in
      let names = (0..<1001).map { "t\($0)" }
      let environment = ["PLENARY_SERVER": plenary.address]
      let run = await CapturedRun(["get", "themes"] + names + ["-o", "name"], environment: environment)
      #expect(run.status == .ok, "\(run.side)")
      #expect(run.output == names.map { "themes/\($0)\n" }.joined())
    }
  }
}
