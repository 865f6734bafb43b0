import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Coverage, traces and the pages of recommendations, by the CLI.
struct OutcomeReadingRunTests {
  private static let directive = "mandates/s-res-2129-2013/directives/address-ict"

  private func made(_ plenary: TestPlenary, _ kind: String, _ id: String, _ fields: String...) async {
    let run = await CapturedRun(
      ["create", kind, id] + fields.flatMap { ["--set", $0] }, environment: ["PLENARY_SERVER": plenary.address])
    #expect(run.status == .ok, "\(run.side)")
  }

  private func advised(_ plenary: TestPlenary, _ id: String, due: String = "2019-06") async {
    await made(
      plenary, "recommendation", id, "text=Do \(id)", "dialogue=asia-ict-ct-3", "addressee=ctc", "due_date=\(due)",
      "directive=mandates/s-res-2129-2013/directives/advise-committee")
  }

  @Test func `the coverage of a directive fits a terminal, and a consultation fills a gap`() async throws {
    try await withExample { plenary in
      let empty = await plenary.run("consult", "coverage", "s-res-2129-2013/address-ict", width: 60)
      #expect(empty.status == .ok, "\(empty.side)")
      let lines = empty.output.split(separator: "\n")
      #expect(lines[0].split(separator: " ") == ["GROUP", "CONSULTED", "D1", "D2", "D3"])
      #expect(lines.prefix(7).allSatisfy { $0.count <= 60 })
      #expect(lines[1...6].allSatisfy { $0.contains(" no ") && $0.contains("–") })
      #expect(empty.output.contains("not consulted: member states, international organizations"))
      #expect(empty.output.contains("24–25 January 2018, Bangkok, TH"))
      await made(
        plenary, "consultation", "c1", "directive=\(Self.directive)", "stakeholder_group=PRIVATE_SECTOR",
        "dialogue=asia-ict-ct-3", "organizations=searcct")
      let filled = await plenary.run("consultation", "coverage", Self.directive, width: 100)
      #expect(filled.output.contains("Southeast Asia Regional Centre for Counter-Terrorism (SEARCCT)"))
      #expect(filled.output.split(separator: "\n").filter { $0.contains(" yes ") }.count == 1)
      let names = await plenary.run("consult", "coverage", Self.directive, "--output", "name")
      #expect(names.output.split(separator: "\n").count == 5 && !names.output.contains("PRIVATE_SECTOR"))
      let json = await plenary.run("consult", "coverage", Self.directive, "--output", "json", "--from", "2018-11")
      #expect(
        json.output.contains("\"dialogue\": \"dialogues/asia-ict-ct-3\"") && !json.output.contains("asia-ict-ct-2"))
      let wrong = await plenary.run("consult", "coverage", Self.directive, "--to", "soon")
      #expect(wrong.status == .usage && wrong.side.contains("write --to as"))
    }
  }

  @Test func `a trace is a tree from the mandate to what became of a recommendation, with its gaps`() async throws {
    try await withExample { plenary in
      await advised(plenary, "r1")
      #expect(await plenary.run("recommend", "submit", "r1").status == .ok)
      let run = await plenary.run("trace", "recommendation", "r1")
      #expect(run.status == .ok, "\(run.side)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.first == "mandate S/RES/2129 (2013)  mandates/s-res-2129-2013")
      #expect(
        lines.contains { $0.contains("── directive") }
          && lines.contains { $0.contains("series Asia ICT and CT Dialogue") })
      #expect(run.output.contains("recommendation recommendations/r1  submitted"))
      #expect(run.output.contains("• recommendations/r1  is followed by no follow-up"))
      #expect(run.output.contains("• recommendations/r1  comes from no finding"))
      #expect(await plenary.run("recommend", "follow-up", "r1", "--note", "Begun", "--progress", "5").status == .ok)
      let names = await plenary.run("trace", "recommendations/r1", "--output", "name")
      #expect(names.output.contains("recommendations/r1/followUps/x-"))
      let short = await plenary.run("trace", "recommendations/r1", "--limit", "2")
      #expect(short.output.contains("there are more records"))
      #expect(await plenary.run("trace", "organizations/ctc").side.contains("has no place in the chain"))
      #expect(await plenary.run("trace", "recommendations/none").status == .notFound)
    }
  }

  @Test func `a page shows where a recommendation stands, and the line of those that replaced each other`() async throws
  {
    try await withExample { plenary in
      for id in ["r1", "r2", "r3"] {
        await advised(plenary, id)
        #expect(await plenary.run("recommendation", "submit", id).status == .ok)
      }
      for (old, new) in [("r1", "r2"), ("r2", "r3")] {
        #expect(await plenary.run("recommend", "supersede", old, "--successor", new).status == .ok)
      }
      let told = await plenary.run(
        "recommend", "follow-up", "r2", "--note", "A draft is out", "--progress", "30", "--evidence-url",
        "https://www.example.org/draft")
      #expect(told.output.hasPrefix("created recommendations/r2/followUps/x-"), "\(told.side)")
      let page = await plenary.run("recommend", "show", "r2")
      for words in [
        "took the place of  • Do r1  recommendations/r1  superseded", "superseded by",
        "• Do r3  recommendations/r3  submitted, overdue",
        "Counter-Terrorism Committee", "30 % A draft is out https://www.example.org/draft", "June 2019",
      ] { #expect(page.output.contains(words), "\(words) in \(page.output)") }
      let last = await plenary.run("recommend", "show", "r3", "--output", "name")
      #expect(last.output == "recommendations/r3\nrecommendations/r2\nrecommendations/r1\n")
      let json = await plenary.run("recommend", "show", "r3", "--output", "json")
      #expect(json.output.contains("\"overdue\": true") && json.output.contains("\"replaced\": ["))
      #expect(await plenary.run("recommend", "show", "none").status == .notFound)
    }
  }

  @Test func `what is overdue is listed by itself, and marked in lists`() async throws {
    try await withExample { plenary in
      for (id, due) in [("late", "2019-06"), ("later", "2018-12-31"), ("early", "2999-01-01"), ("draft", "2019-06")] {
        await advised(plenary, id, due: due)
        if id != "draft" { #expect(await plenary.run("recommend", "submit", id).status == .ok) }
      }
      let overdue = await plenary.run("recommend", "overdue", "--output", "name")
      #expect(overdue.output == "recommendations/later\nrecommendations/late\n")
      let then = await plenary.run(
        "recommend", "overdue", "--as-of", "2019-01-01", "--addressee", "ctc", "--output", "name")
      #expect(then.output == "recommendations/later\n")
      #expect(
        await plenary.run("recommend", "overdue", "--addressee", "cted").side == "no recommendations are overdue\n")
      #expect(await plenary.run("recommend", "overdue", "--as-of", "2019").status == .usage)
      let list = await plenary.run("list", "recommendations", width: 160).output.split(separator: "\n")
      func line(_ id: String) -> Substring? { list.first { $0.hasPrefix("recommendations/\(id) ") } }
      #expect(line("late")?.contains("June 2019, overdue") == true && line("draft")?.contains("June 2019") == true)
      #expect(line("draft")?.contains("overdue") == false && line("early")?.contains("overdue") == false)
    }
  }
}
