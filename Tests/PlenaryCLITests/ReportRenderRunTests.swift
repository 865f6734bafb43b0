import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Renderings of reports by the CLI, from files.
struct ReportRenderRunTests {
  private static let content =
    #"{"highestLabel":"GREEN","languageCodes":["fr","ar"],"title":{"texts":[{"languageCode":"fr","text":"Rapport"},{"languageCode":"ar","text":"تقرير"}]}}"#

  private func withContent(_ body: (_ path: String, _ folder: URL) async throws -> Void) async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "content.json")
      // A file may be indented: its digest is that of the canonical form.
      try Data((Self.content + "\n  ").utf8).write(to: file)
      try await body(file.path, folder)
    }
  }

  @Test func `a file is rendered without a daemon, with the digest of its bytes`() async throws {
    try await withContent { path, folder in
      let digest = ReportContent.digest(Array(Self.content.utf8))
      for (format, words) in [
        ("html", "<h1>Rapport</h1>"), ("md", "# Rapport"), ("akn", "<docTitle>Rapport</docTitle>"),
      ] {
        let run = await CapturedRun(["report", "render", "--content", path, "--format", format])
        #expect(run.status == .ok, "\(run.side)")
        #expect(run.output.contains(words) && run.output.contains(digest) && run.output.contains("TLP:GREEN"))
      }
      let json = await CapturedRun(["report", "render", "--content", path, "--format", "json"])
      #expect(json.output == Self.content)
      let page = folder.appending(path: "page.html").path
      let arabic = await CapturedRun(["report", "render", "--content", path, "--language", "ar", "--file", page])
      #expect(arabic.output.isEmpty && arabic.side.hasSuffix(" bytes in \(page)\n"))
      let written = try String(contentsOfFile: page, encoding: .utf8)
      #expect(written.contains("<html lang=\"ar\" dir=\"rtl\">"))
    }
  }

  @Test func `what cannot be rendered says why`() async throws {
    try await withContent { path, _ in
      let tongue = await CapturedRun(["report", "render", "--content", path, "--language", "en"])
      #expect(tongue.status == .usage && tongue.side.contains("choose --language fr or ar"))
      let both = await CapturedRun(["report", "render", "r1", "--content", path])
      #expect(both.status == .usage && both.side.contains("either a report or --content"))
      let head = await CapturedRun(["report", "render", "--content", path, "--tree-head"])
      #expect(head.status == .usage && head.side.contains("--tree-head asks the daemon"))
      let missing = await CapturedRun(["report", "render", "--content", path + ".none"])
      #expect(missing.status == .usage && missing.side.contains("cannot read"))
      let browser = await CapturedRun(
        ["report", "render", "--content", path, "--format", "pdf"], environment: ["PATH": "/nowhere"])
      #expect(browser.status == .other && browser.side.contains("install the package chromium"))
    }
  }

  @Test func `a program that makes no PDF is told with how it ended`() async throws {
    try await withContent { path, folder in
      // A browser of this name that does nothing well.
      let program = folder.appending(path: "weasyprint")
      try Data("#!/bin/sh\nexit 3\n".utf8).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
      let run = await CapturedRun(
        ["report", "render", "--content", path, "--format", "pdf"], environment: ["PATH": folder.path])
      #expect(run.status == .other && run.side.contains("has made no PDF: it ended with 3"))
    }
  }
}
