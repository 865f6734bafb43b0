import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// What the published item says about the dialogues, as the CLI tells it.
struct AcceptanceTests {
  private func names(_ plenary: TestPlenary, _ kind: String, _ filter: String) async -> [String] {
    let run = await plenary.run("list", kind, "--filter", filter, "--output", "name")
    #expect(run.status == .ok, "\(run.side)")
    return run.output.split(separator: "\n").map(String.init)
  }

  @Test func `the series is shown with its dialogues in order and its partners by role`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("series", "show", "asia-ict-ct-dialogue", width: 100)
      #expect(run.status == .ok)
      #expect(
        run.output == """
          Asia ICT and CT Dialogue  series/asia-ict-ct-dialogue

          state                   active
          launched                2017
          focus                   142 Asia
          initiative              Tech Against Terrorism (initiatives/tech-against-terrorism)
          mandate                 S/RES/2129 (2013) (mandates/s-res-2129-2013)
          aims                    • Make good practice easier to find and promote it
                                  • Share knowledge
                                  • Build public-private partnerships
          context                 Special attention to Asia because of its range of ethnic groups, languages
                                  and cultures.
          launcher                UN Security Council Counter-Terrorism Committee Executive Directorate (CTED)
                                  from 2017
          supporter               Ministry of Foreign Affairs of the Republic of Korea from 2017

          1 of 3                  29–30 May 2017, Jeju Island, KR  dialogues/asia-ict-ct-1
            event                 workshop, concluded

          2 of 3                  24–25 January 2018, Bangkok, TH  dialogues/asia-ict-ct-2
            event                 workshop, concluded
            additional supporter  Ministry of Foreign Affairs of Thailand

          3 of 3                  7–8 November 2018, Kuala Lumpur, MY  dialogues/asia-ict-ct-3
            title                 Third ICT/counter-terrorism Asia Dialogue
            event                 workshop, concluded
            co-organizer          UN Security Council Counter-Terrorism Committee Executive Directorate (CTED)
            cooperating           Southeast Asia Regional Centre for Counter-Terrorism (SEARCCT)
            themes                • Incitement and online violent extremism
                                  • Public-private partnerships and industry self-regulation
                                  • Cyber protection of critical infrastructure against terrorist attacks

          """)
    }
  }

  @Test func `a series may have no dialogues yet`() async throws {
    try await withPlenary { plenary in
      #expect(await plenary.run("create", "series", "new", "--set", "title=New").status == .ok)
      #expect(
        await plenary.run("series", "show", "new").output == "New  series/new\n\nstate      active\ndialogues  none\n")
      #expect(await plenary.run("series", "show", "other").status == .notFound)
    }
  }

  @Test func `a series for programs is one document`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("series", "show", "asia-ict-ct-dialogue", "--output", "json")
      let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      #expect(json.keys.sorted() == ["dialogues", "partnerships", "series"])
      #expect((json["dialogues"] as? [[String: Any]])?.map { $0["ordinal"] as? Int } == [1, 2, 3])
      #expect((json["partnerships"] as? [Any])?.count == 3)
    }
  }

  @Test(arguments: [
    ("dialogues", #"series = "series/asia-ict-ct-dialogue""#, ["asia-ict-ct-1", "asia-ict-ct-2", "asia-ict-ct-3"]),
    ("dialogues", #"start_date >= "2017-05-01" AND start_date <= "2017-05-31""#, ["asia-ict-ct-1"]),
    ("dialogues", #"location.region_code = "kr""#, ["asia-ict-ct-1"]),
    ("dialogues", #"location.locality = "Jeju Island" location.region_code = KR"#, ["asia-ict-ct-1"]),
    ("dialogues", #"location.locality = "Bangkok""#, ["asia-ict-ct-2"]),
    ("dialogues", #"location.locality = "Kuala Lumpur" location.region_code = MY"#, ["asia-ict-ct-3"]),
    ("dialogues", #"overlaps("2018-01-25","2018-02-01")"#, ["asia-ict-ct-2"]),
    ("dialogues", #"within_m49("142")"#, ["asia-ict-ct-1", "asia-ict-ct-2", "asia-ict-ct-3"]),
    ("dialogues", #"within_m49("035")"#, ["asia-ict-ct-2", "asia-ict-ct-3"]),
    ("dialogues", #"within_m49("030")"#, ["asia-ict-ct-1"]),
    ("dialogues", #"themes:"themes/public-private-partnerships-self-regulation""#, ["asia-ict-ct-3"]),
    ("themes", "under(themes/use-facilitate)", ["use-fund", "use-incite", "use-plan", "use-recruit"]),
    ("dialogues", "format=WORKSHOP", ["asia-ict-ct-1", "asia-ict-ct-2", "asia-ict-ct-3"]),
    (
      "partnerships", #"subject = "dialogues/asia-ict-ct-3" AND participants.role:CO_ORGANIZER"#, ["asia-ict-ct-3"]
    ),
    ("partnerships", "participants.role:COOPERATING", ["asia-ict-ct-3"]),
    ("partnerships", "participants.role:ADDITIONAL_SUPPORTER", ["asia-ict-ct-2"]),
    ("partnerships", "participants.role:LAUNCHER", ["asia-ict-ct-series"]),
    ("partnerships", "participants.role:SUPPORTER", ["asia-ict-ct-series"]),
    ("themes", #"alt_labels.value:"Recruitment of FTFs""#, ["use-ftf-recruitment"]),
    ("mandates", #"symbol = "S/RES/2129(2013)""#, ["s-res-2129-2013"]),
    ("mandates", #"symbol = "s/res/2129 (2013)""#, ["s-res-2129-2013"]),
  ])
  func `a filter finds what the item says`(_ kind: String, _ filter: String, _ ids: [String]) async throws {
    try await withExample { plenary in
      #expect(await names(plenary, kind, filter) == ids.map { "\(kind)/\($0)" })
    }
  }

  @Test func `workshops are listed in a table`() async throws {
    try await withExample { plenary in
      let run = await plenary.run(
        "list", "dialogues", "--filter", "format=WORKSHOP", "--order-by", "ordinal", width: 80)
      #expect(
        run.output == """
          NAME                     NO  DATES               PLACE             STATE
          dialogues/asia-ict-ct-1   1  29–30 May 2017      Jeju Island, KR   concluded
          dialogues/asia-ict-ct-2   2  24–25 January 2018  Bangkok, TH       concluded
          dialogues/asia-ict-ct-3   3  7–8 November 2018   Kuala Lumpur, MY  concluded

          """)
    }
  }

  @Test func `working groups come in order, each with its theme`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("list", "working-groups", "--in", "asia-ict-ct-3", "--order-by", "ordinal")
      #expect(
        run.output == """
          NAME                                        NO  TITLE OR THEME                                      STATE
          dialogues/asia-ict-ct-3/workingGroups/wg-1   1  themes/incitement-online-violent-extremism          open
          dialogues/asia-ict-ct-3/workingGroups/wg-2   2  themes/public-private-partnerships-self-regulation  open
          dialogues/asia-ict-ct-3/workingGroups/wg-3   3  themes/cyber-protection-critical-infrastructure     open

          """)
      let other = await plenary.run(
        "create", "working-group", "wg-4", "--in", "asia-ict-ct-3", "--set", "theme=use-plan", "--set", "ordinal=4")
      #expect(other.status == .precondition)
      #expect(other.side.contains("(THEME_NOT_ON_DIALOGUE)"))
    }
  }

  @Test func `the centre stands under its ministry, which therefore stays`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("organization", "tree", "searcct", width: 80)
      #expect(
        run.output == """
          Ministry of Foreign Affairs of Malaysia  organizations/mfa-malaysia
          └── Southeast Asia Regional Centre for Counter-Terrorism (SEARCCT)
              organizations/searcct

          """)
      let whole = await plenary.run("organization", "tree", "--output", "name")
      #expect(whole.output.split(separator: "\n").count == 7)
      #expect(await plenary.run("organization", "tree", "nobody").status == .notFound)
      let deletion = await plenary.run("delete", "organization", "mfa-malaysia")
      #expect(deletion.status == .precondition)
      #expect(deletion.side.contains("(RESOURCE_IN_USE)\n  organizations/searcct: "))
    }
  }

  @Test func `a dialogue is described with the place of each value in its source`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("describe", "dialogue", "asia-ict-ct-3")
      #expect(run.status == .ok)
      for line in [
        "series          Asia ICT and CT Dialogue (series/asia-ict-ct-dialogue)  ← [1] para 1 sentence 2, stated",
        "start date      7 November 2018  ← [1] para 1 sentence 1, stated",
        "end date        8 November 2018  ← [1] para 1 sentence 1, stated",
        "  locality      Kuala Lumpur  ← [1] para 1 sentence 2, stated",
        "focus m49 code  142 Asia  ← [1] para 1 sentence 1, normalized: Asia = M49 142",
        "                • Cyber protection of critical infrastructure against terrorist attacks "
          + "(themes/cyber-protection-critical-infrastructure)",
        "                • Enhancing the practices of private online communications service providers "
          + "(themes/topic-service-providers)",
        "predecessors    • 29–30 May 2017, Jeju Island, KR (dialogues/asia-ict-ct-1)",
        "marking         TLP:GREEN, inherited",
        "[1]  CTED co-organizes third ICT and counter-terrorism dialogue in Asia (sources/cted-2018-asia-ict-ct-3)",
      ] {
        #expect(run.output.contains("\n" + line + "\n"), "\(line)")
      }
      #expect(run.output.contains("participants were encouraged to go on sharing experience"))
      #expect(run.output.matches(of: /←/).count == 14)
    }
  }

  @Test func `the address is that of a person whose office is known`() async throws {
    try await withExample { plenary in
      let address = await plenary.run("describe", "dialogues/asia-ict-ct-3/interventions/caption-1")
      #expect(address.output.contains("kind      address  ← [1] caption, stated"))
      #expect(address.output.contains("speaker   Deputy Executive Director Chen (persons/asia-ict-ct-3-caption-1)"))
      let person = await plenary.run("get", "person", "asia-ict-ct-3-caption-1")
      #expect(person.output.contains("family name   Chen\n"))
      #expect(!person.output.contains("given name"))
    }
  }

  @Test func `the mandate notes the nexus under six themes`() async throws {
    try await withExample { plenary in
      let notes = await plenary.run("describe", "mandates/s-res-2129-2013/directives/notes-nexus")
      #expect(notes.output.contains("verb      notes  ←"))
      #expect(notes.output.matches(of: /\(themes\/use-/).count == 6)
      let mandate = await plenary.run("describe", "mandate", "s-res-2129-2013")
      #expect(mandate.output.contains("adopting organization  Security Council (organizations/security-council)"))
      #expect(mandate.output.contains("adopt date             2013  ←"))
    }
  }

  @Test func `a directive says who is to be consulted`() async throws {
    try await withExample { plenary in
      let name = "mandates/s-res-2129-2013/directives/address-ict"
      let run = await plenary.run("get", name, "--output", "json")
      let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      #expect(Set(try #require(json["stakeholderGroups"] as? [String])).count == 6)
    }
  }

  @Test func `five topics are those of the third dialogue alone`() async throws {
    try await withExample { plenary in
      let third = await plenary.run("get", "dialogue", "asia-ict-ct-3")
      #expect(third.output.matches(of: /themes\/topic-/).count == 5)
      for number in 1...2 {
        #expect(!(await plenary.run("get", "dialogue", "asia-ict-ct-\(number)").output.contains("topics")))
      }
    }
  }

  @Test func `directives say whom they address, and a partnership since when`() async throws {
    try await withExample { plenary in
      let directive = await plenary.run("describe", "mandates/s-res-2129-2013/directives/address-ict")
      #expect(
        directive.output.contains("addressee           UN Security Council Counter-Terrorism Committee Executive"))
      #expect(directive.output.contains("verb                directs"))
      let support = await plenary.run("describe", "partnership", "asia-ict-ct-series")
      #expect(support.output.contains("  start date    2017  ← [1] para 4 sentence 1, stated: year only"))
      let json = await plenary.run("get", "series", "asia-ict-ct-dialogue", "--output", "json")
      #expect(json.output.contains("\"launchDate\": {\n    \"year\": 2017\n  }"))
      let initiative = await plenary.run("get", "initiative", "tech-against-terrorism")
      #expect(initiative.output.contains("http://www.techagainstterrorism.org/\n"))
    }
  }

  @Test(arguments: [
    (
      ["dialogue", "asia-4", "series=asia-ict-ct-dialogue", "ordinal=3"], plenary.ExitStatus.conflict, "(ORDINAL_TAKEN)"
    ),
    (
      [
        "mandate", "m", "symbol=S/RES/2129 (2013)", "adopting_organization=security-council", "adopt_date=2014",
      ], .invalid, "(SYMBOL_INVALID)"
    ),
    (["series", "s", "title=x", "context_note={}", "language_codes=not_a_language"], .invalid, "(CODE_UNKNOWN)"),
    (["theme", "use-plan", "scheme=s", "pref_label=x"], .conflict, "(RESOURCE_EXISTS)"),
    (["theme", "Plan", "scheme=s", "pref_label=x"], .invalid, "(ID_INVALID)"),
  ])
  func `what breaks a rule is refused with its reason`(
    _ words: [String], _ status: plenary.ExitStatus, _ reason: String
  ) async throws {
    try await withExample { plenary in
      let arguments = ["create"] + words.prefix(2) + words.dropFirst(2).flatMap { ["--set", $0] }
      let run = await CapturedRun(arguments, environment: ["PLENARY_SERVER": plenary.address])
      #expect(run.status == status)
      #expect(run.side.contains(reason), "\(run.side)")
    }
  }

  @Test func `the first dialogue cannot follow the third`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("update", "dialogue", "asia-ict-ct-1", "--set", "predecessors=asia-ict-ct-3")
      #expect(run.status == .invalid)
      #expect(run.side.contains("(PREDECESSOR_INVALID)"))
    }
  }

  @Test func `a public-private partnership is made and found`() async throws {
    try await withExample { plenary in
      let company = await plenary.run(
        "create", "organization", "acme", "--set", "title=Acme", "--set", "kind=private-company")
      #expect(company.output == "created organizations/acme\n")
      let partnership = await plenary.run(
        "create", "partnership", "ppp", "--set", "kind=PUBLIC_PRIVATE", "--set", "subject=series/asia-ict-ct-dialogue",
        "--set", "participants.0.organization=acme", "--set", "participants.0.role=FUNDER",
        "--set", "participants.1.organization=mfa-thailand", "--set", "participants.1.role=supporter",
        "--set", "themes=public-private-partnerships-self-regulation")
      #expect(partnership.output == "created partnerships/ppp\n", "\(partnership.side)")
      #expect(await names(plenary, "partnerships", "kind=PUBLIC_PRIVATE") == ["partnerships/ppp"])
    }
  }

  @Test(arguments: [
    ("ko", "테러 대응 대화"), ("th", "การเจรจา"), ("ms", "Dialog Asia"), ("ar", "حوار آسيا"), ("zh", "亚洲对话"),
    ("ru", "Азиатский диалог"),
  ])
  func `a text in any of the languages stays as it is`(_ language: String, _ text: String) async throws {
    try await withExample { plenary in
      let update = await plenary.run(
        "update", "series", "asia-ict-ct-dialogue", "--set", "title=\(text)", "--language", language)
      #expect(update.status == .ok, "\(update.side)")
      let shown = await plenary.run("describe", "series", "asia-ict-ct-dialogue", "--language", language)
      #expect(shown.output.split(separator: "\n")[1] == text)
      #expect(shown.output.contains("Asia ICT and CT Dialogue (en, original)"))
      let json = await plenary.run("get", "series", "asia-ict-ct-dialogue", "--output", "json")
      #expect(json.output.contains("\"\(language)\": \"\(text)\""))
    }
  }
}
