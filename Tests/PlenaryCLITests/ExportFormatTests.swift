import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Exports in public formats by the CLI, against a daemon of each test's own.
struct ExportFormatTests {
  @Test func `the example is written in every format, to the output or to a file alike`() async throws {
    let beginnings = [
      "ics": "BEGIN:VCALENDAR\r\n", "jsonld": "{\n  \"@context\": {", "skos": "# TLP:CLEAR\n@prefix dct:",
      "skos-xml": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- TLP:CLEAR -->\n<rdf:RDF ",
      "stix": "{\n  \"type\": \"bundle\",",
      "iati": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<iati-organisations version=\"2.03\">",
    ]
    try await withExample { plenary in
      try await withFolder { folder in
        for (format, beginning) in beginnings {
          let run = await plenary.run("export", "--format", format)
          #expect(
            run.status == .ok && run.output.hasPrefix(beginning), "\(format) \(run.output.prefix(200)) \(run.side)")
          let file = folder.appending(path: "out.\(format)").path
          let written = await plenary.run("export", "--format", format.uppercased(), "--file", file)
          #expect(written.status == .ok && written.side == "\(run.output.utf8.count) bytes in \(file)\n")
          let text = try String(contentsOfFile: file, encoding: .utf8)
          #expect(text == run.output)
        }
        // Acceptance row 2: the second day is the last, and the event ends before the day after it.
        let calendar = await plenary.run("export", "--format", "ics", "--filter", "ordinal=3").output
        #expect(calendar.contains("DTSTART;VALUE=DATE:20181107\r\nDTEND;VALUE=DATE:20181109\r\n"))
        #expect(!calendar.contains("20180125"))
        let table = await plenary.run("export", "--format", "csv", "themes").output
        #expect(table.hasPrefix("name,originating_organization,marking.label,"))
      }
    }
  }

  @Test func `what cannot be written is told before anything is asked for, and with what was meant`() async throws {
    try await withPlenary { plenary in
      try await withFolder { folder in
        let file = folder.appending(path: "kept").path
        try Data("kept".utf8).write(to: URL(filePath: file))
        for (words, message) in [
          (["--format", "isc"], "there is no format 'isc', did you mean 'ics'?"),
          (["--format", "csv"], "a csv file is a table of one kind"),
          (["--format", "csv", "themes", "series"], "a csv file is a table of one kind"),
          (["--format", "ics", "-o", "yaml"], "--output yaml is for bundles, and this is ics"),
          (
            ["--format", "ics", "--ceiling", "TLP:WHITE"],
            "'TLP:WHITE' is no label of TLP 2.0, did you mean 'TLP:CLEAR'?"
          ),
          (
            ["--format", "skos", "--base-uri", "registry"],
            "base_uri: `registry` is not an absolute http or https address"
          ),
          (["--format", "ics", "themes"], "ICALENDAR has no place for a theme"),
          (["--at", "nothing"], "nothing"),
        ] {
          let run = await plenary.run(["export"] + words + ["--file", file])
          #expect(run.status != .ok && run.side.contains(message), "\(words) \(run.side)")
          let text = try String(contentsOfFile: file, encoding: .utf8)
          #expect(text == "kept")
        }
      }
    }
  }

  @Test func `a bundle takes a filter, a ceiling and a moment, too`() async throws {
    try await withExample { plenary in
      let all = await plenary.run("export", "themes", "-o", "name").output
      let some = await plenary.run("export", "themes", "--filter", "name=\"themes/recruitment\"", "-o", "name").output
      #expect(all.split(separator: "\n").count > 1 && some.split(separator: "\n").count <= 1)
      #expect(await plenary.run("export", "dialogues", "--ceiling", "TLP:CLEAR", "-o", "name").output == "")
      #expect(await plenary.run("export", "themes", "--at", "2001-01-01", "-o", "name").output == "")
    }
  }
}
