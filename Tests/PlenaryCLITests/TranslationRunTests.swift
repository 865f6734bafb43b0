import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

@Suite(.timeLimit(.minutes(10))) struct TranslationRunTests {
  private static let arabic = "مكافحة الإرهاب"

  private static func theme(
    _ id: String, _ values: [String: String], original: String = "en", broader: [String] = []
  ) -> Record {
    .with {
      $0.kind = .theme(
        .with {
          ($0.name, $0.scheme) = ("themes/\(id)", "topics")
          $0.broader = broader.map { "themes/\($0)" }
          $0.prefLabel = .with { ($0.values, $0.originalLanguage) = (values, original) }
        })
    }
  }

  private static let themes = [
    theme("ct", ["en": "Counter-terrorism", "ar": arabic, "fr": "Lutte antiterroriste"]),
    theme("ict", ["en": "ICT"]),
    theme("use", ["ko": "이용"], original: "ko", broader: ["ct", "ict"]),
    theme("finance", ["en": "Financing", "fr": "Financement"], broader: ["use"]),
  ]

  @Test func `lists and trees show the reader's language, and say where they fall back`() async throws {
    try await withPlenary(importing: Self.themes) { plenary in
      let list = await plenary.run("list", "themes", "--language", "fr")
      #expect(list.output.contains("Lutte antiterroriste") && list.output.contains("ICT [en]"))
      #expect(list.output.contains("이용 [ko]") && !list.output.contains("Financement ["))
      let tree = await plenary.run("theme", "tree", "--language", "ar")
      #expect(
        tree.output == """
          \(Self.arabic)  themes/ct
          └── 이용 [ko]  themes/use
              └── Financing [en]  themes/finance
          ICT [en]  themes/ict
          └── 이용 [ko]  themes/use  see above

          """)
      #expect(await plenary.run("get", "theme", "ct", "--language", "ar").output.contains(Self.arabic))
      let described = await plenary.run("describe", "theme", "ct", "--language", "fr")
      #expect(described.output.contains("(ar)") && described.output.contains("(en, original)"))
    }
  }

  @Test func `the tree of a theme has what is broader and what is narrower`() async throws {
    try await withPlenary(importing: Self.themes) { plenary in
      #expect(
        await plenary.run("theme", "tree", "ct", "--output", "name").output == "themes/ct\nthemes/finance\nthemes/use\n"
      )
      let json = await plenary.run("theme", "tree", "finance", "--output", "json")
      let roots = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
      #expect(roots.map { $0["name"] as? String } == ["themes/ct", "themes/ict"])
      #expect((roots[0]["narrower"] as? [[String: Any]])?.first?["label"] as? String == "이용")
      let missing = await plenary.run("theme", "tree", "none")
      #expect(missing.status == .notFound && missing.side.contains("RESOURCE_NOT_FOUND"))
    }
  }

  @Test func `the status of translations counts each kind and names what is missing`() async throws {
    try await withPlenary(importing: Self.themes) { plenary in
      let run = await plenary.run("translate", "status", "themes", "--language", "FR")
      #expect(
        run.output == """
          KIND    LANGUAGE  TEXTS  TRANSLATED  SHARE  ORIGINAL  OFFICIAL  WORKING  MACHINE
          themes  fr            4           2   50 %         0         0        0        0

          Missing
          fr  themes/ict: pref_label
          fr  themes/use: pref_label

          """)
      let brief = await plenary.run("translate", "status", "themes", "--language", "fr", "--missing", "1")
      #expect(brief.output.hasSuffix("fr  themes/ict: pref_label\nand 1 more; name them with --missing 2\n"))
      let json = await plenary.run("translate", "status", "--output", "json")
      let status = try ProtoJSON.decode(TranslationStatus.self, from: Array(json.output.utf8))
      #expect(status.counts.map(\.languageCode) == ["ar", "en", "es", "fr", "ru", "zh"])
      #expect(status.counts.map(\.translatedCount) == [1, 3, 0, 2, 0, 0])
      let names = await plenary.run("translate", "status", "themes", "--language", "ko", "--output", "name")
      #expect(names.output == "themes/ct\nthemes/finance\nthemes/ict\n")
      let bad = await plenary.run("translate", "status", "--language", "not a language")
      #expect(bad.status == .invalid && bad.side.contains("CODE_UNKNOWN"))
    }
  }

  @Test func `text from right to left is the same bytes in every output but that of a terminal`() async throws {
    try await withPlenary(importing: Self.themes) { plenary in
      for arguments in [
        ["list", "themes"], ["get", "theme", "ct"], ["describe", "theme", "ct"], ["theme", "tree"],
        ["get", "theme", "ct", "--output", "json"], ["export", "themes"],
      ] {
        let run = await CapturedRun(
          arguments + ["--language", "ar"], environment: ["PLENARY_SERVER": plenary.address], width: 100)
        #expect(run.output.contains(Self.arabic), "\(arguments)")
        #expect(!run.output.unicodeScalars.contains("\u{2068}") && !run.output.unicodeScalars.contains("\u{2069}"))
      }
      try await withFolder { folder in
        let file = folder.appending(path: "themes.json").path
        #expect(await plenary.run("export", "themes", "--file", file).status == .ok)
        try await withPlenary { other in
          #expect(await other.run("import", file).status == .ok)
          let theme = try await ThemeServiceClient(other.registry.channel).getTheme(.with { $0.name = "themes/ct" })
          #expect(Array(theme.prefLabel?.values["ar"]?.utf8 ?? "".utf8) == Array(Self.arabic.utf8))
        }
      }
    }
  }

  @Test func `a terminal gets isolates around what runs from right to left`() async throws {
    try await withPlenary(importing: Self.themes) { plenary in
      let run = await CapturedRun(
        ["list", "themes", "--language", "ar"], environment: ["PLENARY_SERVER": plenary.address], width: 100,
        isTerminal: true)
      #expect(run.output.contains("\u{2068}\(Self.arabic)\u{2069}"))
      let json = await CapturedRun(
        ["get", "theme", "ct", "--output", "json"], environment: ["PLENARY_SERVER": plenary.address], isTerminal: true)
      #expect(json.output.contains(Self.arabic) && !json.output.unicodeScalars.contains("\u{2068}"))
    }
  }
}
