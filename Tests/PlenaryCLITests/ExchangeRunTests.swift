import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Import and export by the CLI, against a daemon of each test's own.
struct ExchangeRunTests {
  @Test func `the example is tried, imported, and unchanged the second time`() async throws {
    try await withPlenary { plenary in
      let dry = await plenary.run("import", Example.path, "--dry-run")
      #expect(dry.status == .ok)
      #expect(dry.output == "41 created, 0 updated, 0 unchanged, 0 failed (dry run: nothing was changed)\n")
      #expect(await plenary.run("list", "dialogues").output == "")
      #expect(await plenary.run("import", Example.path).output == "41 created, 0 updated, 0 unchanged, 0 failed\n")
      #expect(await plenary.run("import", Example.path).output == "0 created, 0 updated, 41 unchanged, 0 failed\n")
      #expect(await plenary.run("import", Example.path, "--output", "name").output == "")
    }
  }

  @Test func `what is exported is the canonical form and imports unchanged`() async throws {
    try await withExample { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "out.json").path
        let run = await plenary.run("export", "--file", file)
        #expect(run.status == .ok)
        #expect(run.side == "41 records in \(file)\n")
        #expect(run.output.isEmpty)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(await plenary.run("export").output == text)
        #expect(await plenary.run("import", file).output == "0 created, 0 updated, 41 unchanged, 0 failed\n")
        try await withPlenary { other in
          #expect(await other.run("import", file).output == "41 created, 0 updated, 0 unchanged, 0 failed\n")
          #expect(await other.run("export").output == text)
        }
      }
    }
  }

  @Test func `an export may be of some kinds, or of the names alone`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("export", "series", "initiative", "--output", "name")
      #expect(run.output == "initiatives/tech-against-terrorism\nseries/asia-ict-ct-dialogue\n")
      #expect(await plenary.run("export", "series").output.hasPrefix("{\n  \"records\": [\n    {\n      \"series\": {"))
    }
    try await withPlenary { plenary in #expect(await plenary.run("export").output == "{}\n") }
  }

  /// Imports a bundle with one record of the example changed and two that are wrong.
  private func brokenBundle(_ folder: URL) throws -> String {
    let text = """
      {"records":[
        {"theme":{"name":"themes/a","scheme":"s","prefLabel":{"values":{"en":"A"}}}},
        {"dialogue":{"name":"dialogues/b","series":"series/none","startDate":{"year":2018,"month":2,"day":30}}},
        {"workingGroup":{"name":"dialogues/asia-ict-ct-3/workingGroups/wg-9"}}
      ]}
      """
    let file = folder.appending(path: "broken.json")
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test func `if one record is wrong every wrong one is listed and nothing changes`() async throws {
    try await withExample { plenary in
      try await withFolder { folder in
        let file = try brokenBundle(folder)
        let run = await plenary.run("import", file)
        #expect(run.status == .invalid)
        #expect(run.output.isEmpty)
        let lines = run.side.split(separator: "\n").map(String.init)
        #expect(
          lines[0] == "error: 2 of 3 records cannot be imported, and nothing was changed; mend them and import again")
        #expect(lines.contains { $0.hasPrefix("  \(file) records[1] dialogues/b: start_date: 2018-2-30 is no day") })
        #expect(
          lines.contains {
            $0.hasPrefix("  \(file) records[1] dialogues/b: series: ") && $0.hasSuffix("(REFERENCE_NOT_FOUND)")
          })
        #expect(
          lines.contains {
            $0.hasPrefix("  \(file) records[2] dialogues/asia-ict-ct-3/workingGroups/wg-9: theme: ")
              && $0.hasSuffix("(FIELD_REQUIRED)")
          })
        #expect(await plenary.run("get", "themes/a").status == .notFound)
      }
    }
  }

  @Test func `programs are told of each record and each count`() async throws {
    try await withExample { plenary in
      try await withFolder { folder in
        let run = await plenary.run("import", try brokenBundle(folder), "--output", "json")
        #expect(run.status == .invalid)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(
          json.keys.sorted() == [
            "applied", "createdCount", "dryRun", "failedCount", "results", "revision", "skippedCount", "unchangedCount",
            "updatedCount",
          ])
        #expect(json["failedCount"] as? Int == 2)
        #expect(json["applied"] as? Bool == false)
        let results = try #require(json["results"] as? [[String: Any]])
        #expect(results.map { $0["outcome"] as? String } == ["CREATED", "FAILED", "FAILED"])
      }
    }
  }

  @Test func `other content under a name fails, is skipped or replaces as one wants`() async throws {
    try await withExample { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "changed.json")
        let example = try String(contentsOfFile: Example.path, encoding: .utf8)
        try example.replacing("\"Bangkok\"", with: "\"Chiang Mai\"").write(to: file, atomically: true, encoding: .utf8)
        let failed = await plenary.run("import", file.path)
        #expect(failed.status == .conflict)
        #expect(failed.side.contains("--on-conflict skip"))
        #expect(
          await plenary.run("import", file.path, "--on-conflict", "skip").output
            == "0 created, 0 updated, 40 unchanged, 1 skipped, 0 failed\n")
        let replaced = await plenary.run("import", file.path, "--on-conflict", "replace", "--output", "name")
        #expect(replaced.output == "dialogues/asia-ict-ct-2\n")
        #expect(await plenary.run("get", "dialogue", "asia-ict-ct-2").output.contains("Chiang Mai"))
      }
    }
  }

  @Test func `records of several files come together`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let (theme, group) = (folder.appending(path: "a.json"), folder.appending(path: "b.json"))
        try Data(
          #"{"records":[{"theme":{"name":"themes/b","scheme":"s","prefLabel":{"values":{"en":"B"}},"broader":["themes/a"]}}]}"#
            .utf8
        )
        .write(to: theme)
        try Data(#"{"records":[{"theme":{"name":"themes/a","scheme":"s","prefLabel":{"values":{"en":"A"}}}}]}"#.utf8)
          .write(to: group)
        #expect(await plenary.run("import", theme.path).status == .invalid)
        #expect(
          await plenary.run("import", theme.path, group.path).output == "2 created, 0 updated, 0 unchanged, 0 failed\n")
      }
    }
  }

  @Test func `an import with a request id may be repeated, with other content it may not`() async throws {
    try await withPlenary { plenary in
      let id = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      #expect(await plenary.run("import", Example.path, "--request-id", id).status == .ok)
      #expect(await plenary.run("import", Example.path, "--request-id", id).status == .ok)
      try await withFolder { folder in
        let file = folder.appending(path: "empty.json")
        try Data("{\"records\":[]}".utf8).write(to: file)
        let other = await plenary.run("import", file.path, "--request-id", id)
        #expect(other.status == .invalid)
        #expect(other.side.contains("REQUEST_ID_REUSED"))
      }
      #expect(await plenary.run("import", Example.path, "--request-id", "x").side.contains("REQUEST_ID_INVALID"))
    }
  }
}
