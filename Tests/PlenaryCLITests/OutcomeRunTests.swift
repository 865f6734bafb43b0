import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// Panels, findings, recommendations and what belongs to them, by the CLI.
struct OutcomeRunTests {
  @Test func `what a dialogue brings is entered, listed, described and changed`() async throws {
    try await withExample { plenary in
      func made(_ name: String, _ arguments: String...) async {
        let run = await CapturedRun(["create"] + arguments, environment: ["PLENARY_SERVER": plenary.address])
        #expect(run.output == "created \(name)\n", "\(run.side)")
      }
      let dialogue = "dialogues/asia-ict-ct-3"
      await made(
        "\(dialogue)/panels/p1", "panel", "p1", "--in", dialogue, "--set", "ordinal=1", "--set", "title=Evidence")
      await made(
        "\(dialogue)/findings/f1", "finding", "f1", "--in", dialogue, "--set", "origin=\(dialogue)/panels/p1", "--set",
        "kind=challenge", "--set", "text=It is gone too soon")
      await made(
        "recommendations/r1", "recommendation", "r1", "--set", "text=Keep it longer", "--set",
        "findings=\(dialogue)/findings/f1", "--set", "addressee=ctc", "--set", "due_date=2019-06")
      await made("sharingGroups/g1", "sharing-group", "g1", "--set", "title=Hosts", "--set", "organizations=cted")
      await made("clients/c1", "client", "c1", "--set", "organization=cted", "--set", "roles.0.role=OFFICER")
      let findings = await plenary.run("list", "findings", "--in", dialogue, "--filter", "kind = CHALLENGE")
      #expect(findings.output.contains("challenge") && findings.output.contains("It is gone too soon"))
      let recommendations = await plenary.run("list", "recommendations", width: 140)
      #expect(recommendations.output.contains("draft") && recommendations.output.contains("June 2019"))
      let described = await plenary.run("describe", "recommendation", "r1")
      #expect(described.output.contains("Keep it longer") && described.output.contains("\(dialogue)/findings/f1"))
      #expect(
        await plenary.run("update", "recommendation", "r1", "--set", "priority=high").output
          == "updated recommendations/r1\n")
      let changed = try await plenary.registry.recommendations.get("recommendations/r1")
      #expect(changed.priority == .high)
      #expect(await plenary.run("delete", "finding", "asia-ict-ct-3/f1").output == "deleted \(dialogue)/findings/f1\n")
    }
  }

  @Test func `a follow-up needs no id, and everything else does`() async throws {
    try await withExample { plenary in
      let recommendation = [
        "create", "recommendation", "r1", "--set", "text=Do it", "--set", "dialogue=asia-ict-ct-3", "--set",
        "addressee=ctc",
      ]
      let environment = ["PLENARY_SERVER": plenary.address]
      #expect(await CapturedRun(recommendation, environment: environment).status == .ok)
      let run = await plenary.run(
        "create", "follow-up", "--in", "recommendations/r1", "--set", "note=It is done", "--set",
        "progress_percent=100")
      #expect(run.output.hasPrefix("created recommendations/r1/followUps/x-"), "\(run.side)")
      let list = await plenary.run("list", "follow-ups", "--in", "r1", width: 160)
      #expect(list.output.contains("100") && list.output.contains("It is done"))
      let missing = await plenary.run("create", "theme", "--set", "scheme=s")
      #expect(missing.status == .usage)
      #expect(missing.side.contains("a theme needs an id; write KIND ID"))
    }
  }

  @Test func `a recommendation is submitted, answered and superseded`() async throws {
    try await withExample { plenary in
      let environment = ["PLENARY_SERVER": plenary.address]
      for id in ["r1", "r2"] {
        let create = [
          "create", "recommendation", id, "--set", "text=Do it", "--set", "dialogue=asia-ict-ct-3", "--set",
          "addressee=ctc",
        ]
        #expect(await CapturedRun(create, environment: environment).status == .ok)
      }
      #expect(await plenary.run("recommendation", "submit", "r1").output == "submitted recommendations/r1\n")
      let again = await plenary.run("recommendation", "submit", "r1")
      #expect(again.status == .precondition && again.side.contains("(ILLEGAL_TRANSITION)"))
      let answer = await plenary.run("recommendation", "accept-partially", "r1", "--response", "For a year")
      #expect(answer.output == "partially accepted recommendations/r1\n", "\(answer.side)")
      let answered = try await plenary.registry.recommendations.get("recommendations/r1")
      #expect(answered.response?.values["en"] == "For a year")
      let superseded = await plenary.run("recommendation", "supersede", "r1", "--successor", "r2")
      #expect(superseded.output == "superseded recommendations/r1\n", "\(superseded.side)")
      let open = await plenary.run("panel", "report", "asia-ict-ct-3/none")
      #expect(open.status == .notFound)
    }
  }

  @Test func `what is overdue is listed, by the day of the daemon`() async throws {
    try await withExample { plenary in
      let environment = ["PLENARY_SERVER": plenary.address]
      for (id, due) in [("late", "2019-06"), ("early", "2999-01-01"), ("draft", "2019-06")] {
        let create = [
          "create", "recommendation", id, "--set", "text=Do it", "--set", "dialogue=asia-ict-ct-3", "--set",
          "addressee=ctc", "--set", "due_date=\(due)",
        ]
        #expect(await CapturedRun(create, environment: environment).status == .ok)
      }
      for id in ["late", "early"] { #expect(await plenary.run("recommendation", "submit", id).status == .ok) }
      func listed(_ filter: String) async -> String {
        await plenary.run("list", "recommendations", "--filter", filter, "--output", "name").output
      }
      #expect(await listed("addressee = \"organizations/ctc\" AND overdue = true") == "recommendations/late\n")
      #expect(await listed("overdue = false") == "recommendations/draft\nrecommendations/early\n")
      let explained = await plenary.run("filter", "explain", "recommendations", "overdue = true")
      #expect(explained.output.contains("due_date < 20") && explained.output.contains("state = SUBMITTED"))
      let typo = await plenary.run("list", "recommendations", "--filter", "overdue = yes")
      #expect(typo.status == .invalid && typo.side.contains("`overdue` is true or false"))
    }
  }

  @Test func `a rule that is broken is told with its name`() async throws {
    try await withExample { plenary in
      let cycle = await plenary.run("create", "sharing-group", "g1", "--set", "title=Nobody")
      #expect(cycle.status == .invalid && cycle.side.contains("(RECIPIENTS_MISSING)"))
      let none = await plenary.run(
        "create", "recommendation", "r1", "--set", "text=Do it", "--set", "addressee=ctc")
      #expect(none.status == .invalid && none.side.contains("(FIELD_REQUIRED)"))
    }
  }
}
