import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@testable import plenary

/// `plenary KIND VERB`: records moved from state to state.
struct StateVerbTests {
  /// Every verb and an example of its name.
  static let verbs: [(kind: String, verb: String)] = [
    ("dialogue", "schedule"), ("dialogue", "start"), ("dialogue", "conclude"), ("dialogue", "archive"),
    ("dialogue", "postpone"), ("dialogue", "cancel"), ("series", "suspend"), ("series", "resume"), ("series", "end"),
    ("working-group", "report"), ("working-group", "reopen"), ("partnership", "activate"), ("partnership", "decline"),
    ("partnership", "suspend"), ("partnership", "resume"), ("partnership", "end"), ("theme", "deprecate"),
    ("theme", "reactivate"), ("panel", "report"), ("panel", "reopen"), ("consultation", "close"),
    ("recommendation", "submit"), ("recommendation", "accept"), ("recommendation", "accept-partially"),
    ("recommendation", "reject"), ("recommendation", "begin"), ("recommendation", "complete"),
    ("recommendation", "withdraw"), ("recommendation", "supersede"), ("report", "submit"), ("report", "return"),
    ("report", "approve"), ("report", "publish"), ("report", "supersede"),
  ]

  /// The kinds whose verbs stand in a group of another name.
  private static let groups = ["outcome-report": "report"]

  @Test func `there is a verb for every transition of the API`() {
    let methods = KindCatalog.registry.kinds.flatMap { kind in
      kind.service.transitions.map { method in
        "\(Self.groups[kind.singular] ?? kind.singular) \(Kind.kebab(method.verb.prefix(1).lowercased() + method.verb.dropFirst()))"
      }
    }
    #expect(Set(methods) == Set(Self.verbs.map { "\($0.kind) \($0.verb)" }))
  }

  @Test(arguments: verbs)
  func `every verb has help with its examples and options`(_ kind: String, _ verb: String) async {
    let run = await CapturedRun([kind, verb, "--help"])
    #expect(run.status == .ok)
    #expect(run.output.contains("  plenary \(kind) \(verb) "))
    for option in ["--etag", "--reason", "--dry-run", "--request-id"] {
      #expect(run.output.contains("\(option)"), "\(option)")
    }
    #expect(run.output.contains("--as-of") == ["conclude", "activate"].contains(verb) || verb == "resume")
    #expect(run.output.contains("--record") == ["schedule", "conclude"].contains(verb))
    #expect(run.output.contains("--response ") == ["accept", "accept-partially", "reject"].contains(verb))
    #expect(run.output.contains("--successor") == (verb == "supersede"))
    #expect(run.output.contains("--replaced-by") == (verb == "deprecate"))
  }

  @Test(arguments: [
    (["dialogue", "shedule", "a"], "error: 'plenary dialogue' has no verb 'shedule', did you mean 'schedule'?"),
    (["theme", "depricate", "a"], "error: 'plenary theme' has no verb 'depricate', did you mean 'deprecate'?"),
    (["dialogue", "start", "a", "--record"], "error: Unknown option '--record'"),
    (["dialogue", "conclude", "a", "--as-of", "2018-11"], "error: '2018-11' is no date; write --as-of as 2018-11-08"),
    (["dialogue", "start", "themes/a"], "error: 'themes/a' is the name of a record among the themes"),
    (
      ["theme", "deprecate", "a", "--replaced-by", "dialogues/a"], "error: 'dialogues/a' is the name of a record among"
    ),
  ])
  func `what is wrong is said before anybody is asked`(_ arguments: [String], _ message: String) async {
    let run = await CapturedRun(arguments, environment: ["PLENARY_SERVER": "127.0.0.1:1"])
    #expect(run.status == .usage)
    #expect(run.side.hasPrefix(message), "\(run.side)")
  }

  @Test func `a dialogue goes its way`() async throws {
    try await withExample { plenary in
      #expect(
        await plenary.run(
          "create", "dialogue", "d4", "--set", "title=Fourth", "--set", "series=asia-ict-ct-dialogue", "--set",
          "ordinal=4", "--set", "start_date=2019-03-04", "--set", "end_date=2019-03-05"
        ).status == .ok)
      let lacking = await plenary.run("dialogue", "schedule", "d4")
      #expect(lacking.status == .precondition)
      #expect(lacking.side.contains("(ILLEGAL_TRANSITION)"), "\(lacking.side)")
      #expect(await plenary.run("update", "dialogue", "d4", "--set", "location.locality=Jeju").status == .ok)
      let alone = await plenary.run("dialogue", "schedule", "d4")
      #expect(alone.side.contains("(ORGANIZER_MISSING)"), "\(alone.side)")
      let dry = await plenary.run("dialogue", "schedule", "d4", "--record", "--dry-run")
      #expect(dry.output == "dialogues/d4 can be scheduled (dry run: nothing was changed)\n", "\(dry.side)")
      let before = try await plenary.registry.dialogues.get("dialogues/d4")
      #expect(before.state == .draft)
      #expect(
        await plenary.run("dialogue", "schedule", "d4", "--record", "--etag", before.etag).output
          == "scheduled dialogues/d4\n")
      #expect(await plenary.run("dialogue", "start", "d4", "--etag", before.etag).status == .conflict)
      #expect(
        await plenary.run("dialogue", "postpone", "d4", "--reason", "no room", "--output", "name").output
          == "dialogues/d4\n")
      #expect(await plenary.run("dialogue", "schedule", "dialogues/d4", "--record").status == .ok)
      #expect(await plenary.run("dialogue", "start", "d4").output == "started dialogues/d4\n")
      let early = await plenary.run("dialogue", "conclude", "d4", "--as-of", "2019-03-04")
      #expect(early.status == .precondition)
      #expect(
        await plenary.run("dialogue", "conclude", "d4", "--as-of", "2019-03-05", "--time-zone", "Asia/Seoul").output
          == "concluded dialogues/d4\n")
      #expect(await plenary.run("dialogue", "archive", "d4").status == .precondition)
      #expect(
        await plenary.run("dialogue", "archive", "d4", "--reason", "no report").output == "archived dialogues/d4\n")
      #expect(await plenary.run("dialogue", "cancel", "d4").status == .precondition)
      #expect(await plenary.run("dialogue", "cancel", "d5").status == .notFound)
      #expect(try await plenary.registry.dialogues.get("dialogues/d4").scheduleSequence == 2)
    }
  }

  @Test func `the other kinds go theirs`() async throws {
    try await withExample { plenary in
      let steps = [
        (["series", "suspend", "asia-ict-ct-dialogue"], "suspended series/asia-ict-ct-dialogue\n"),
        (["series", "resume", "asia-ict-ct-dialogue"], "resumed series/asia-ict-ct-dialogue\n"),
        (["series", "end", "asia-ict-ct-dialogue"], "ended series/asia-ict-ct-dialogue\n"),
        (["partnership", "activate", "asia-ict-ct-3"], "activated partnerships/asia-ict-ct-3\n"),
        (["partnership", "suspend", "asia-ict-ct-3"], "suspended partnerships/asia-ict-ct-3\n"),
        (["partnership", "resume", "asia-ict-ct-3"], "resumed partnerships/asia-ict-ct-3\n"),
        (["partnership", "end", "asia-ict-ct-3"], "ended partnerships/asia-ict-ct-3\n"),
        (["partnership", "decline", "asia-ict-ct-2"], "declined partnerships/asia-ict-ct-2\n"),
        (
          ["update", "working-group", "asia-ict-ct-3/wg-1", "--set", "results_summary=Results"],
          "updated dialogues/asia-ict-ct-3/workingGroups/wg-1\n"
        ),
        (["working-group", "report", "asia-ict-ct-3/wg-1"], "reported dialogues/asia-ict-ct-3/workingGroups/wg-1\n"),
        (["working-group", "reopen", "asia-ict-ct-3/wg-1"], "reopened dialogues/asia-ict-ct-3/workingGroups/wg-1\n"),
        (
          ["theme", "deprecate", "use-incite", "--replaced-by", "use-facilitate"], "deprecated themes/use-incite\n"
        ),
        (["theme", "reactivate", "use-incite"], "reactivated themes/use-incite\n"),
      ]
      for (arguments, output) in steps {
        let run = await CapturedRun(arguments, environment: ["PLENARY_SERVER": plenary.address])
        #expect(run.output == output, "\(run.side)")
      }
      #expect(await plenary.run("working-group", "report", "asia-ict-ct-3/wg-2").status == .precondition)
    }
  }
}
