import Foundation
import Testing

@testable import plenary

struct CommandRunTests {
  private static let verbs = [
    ["import"], ["export"], ["get"], ["list"], ["describe"], ["create"], ["update"], ["delete"], ["series", "show"],
    ["organization", "tree"], ["theme", "tree"], ["translate", "status"], ["explain"], ["status"], ["version"],
  ]

  @Test(arguments: verbs)
  func `every verb has help with examples`(_ verb: [String]) async {
    let asked = await CapturedRun(verb + ["--help"])
    #expect(asked.status == .ok)
    #expect(asked.output.contains("Example"))
    #expect(asked.output.contains("  plenary \(verb.joined(separator: " "))"))
    #expect(asked.side.isEmpty)
    let help = await CapturedRun(["help"] + verb)
    #expect(help.output == asked.output)
  }

  @Test func `the help of the program names every verb`() async {
    let run = await CapturedRun(["--help"])
    #expect(run.status == .ok)
    for verb in Self.verbs { #expect(run.output.contains("\n  \(verb[0])"), "\(verb)") }
    #expect(await CapturedRun([]).output == run.output)
  }

  @Test(arguments: [
    (["lst", "dialogues"], "error: 'plenary' has no verb 'lst', did you mean 'list'?"),
    (["series", "shw"], "error: 'plenary series' has no verb 'shw', did you mean 'show'?"),
    (["list", "dialog"], "error: there is no kind 'dialog', did you mean 'dialogue'?"),
    (["list", "dialogues", "--fliter", "x"], "error: Unknown option '--fliter'. Did you mean '--filter'?"),
    (["list", "dialogues", "--output", "jsn"], "error: The value 'jsn' is invalid for '--output <output>'."),
    (["list", "dialogues", "--limit", "0"], "error: --limit must be 1 or more."),
    (
      ["list", "dialogues", "--in", "series/a"], "error: dialogues do not lie in other records; leave out --in, or use"
    ),
    (["get"], "error: Missing expected argument '<kind name> ...'"),
    (["import"], "error: Missing expected argument '<file> ...'"),
    (["import", "-", "-"], "error: the input can be read once only"),
    (
      ["import", "a", "--on-conflict", "repl"], "error: The value 'repl' is invalid for '--on-conflict <on-conflict>'."
    ),
    (["explain", "dialog"], "error: there is no kind 'dialog', did you mean 'dialogue'?"),
    (["explain", "dialogue.fromat"], "error: 'dialogue' has no field 'fromat', did you mean 'format'?"),
    (
      ["explain", "partnership.participants.rol"],
      "error: 'partnership.participants' has no field 'rol', did you mean 'role'?"
    ),
    (["explain", "dialogue.ordinal.x"], "error: 'dialogue.ordinal' has no fields: it is one value"),
    (["translate", "status", "theems"], "error: there is no kind 'theems', did you mean 'themes'?"),
    (["translate", "status", "--missing", "-1"], "error: "),
    (["export", "theems"], "error: there is no kind 'theems', did you mean 'themes'?"),
    (["update", "theme", "a"], "error: There is nothing to change; give --set, --clear or --file."),
    (["update", "theme", "a", "--mask", "title"], "error: --mask says what to take from a file; give --file."),
    (["status", "--server", "nowhere"], "error: \"nowhere\" is not an address: it needs a port"),
    (["status", "--timeout", "fast"], "error: The value 'fast' is invalid for '--timeout <timeout>'"),
    (
      ["create", "dialogue", "a", "--set", "ordinl=3"],
      "error: 'ordinl': plenary.v1.Dialogue has no field \"ordinl\", did"
    ),
    (["create", "working-group", "a"], "error: a working group lies in another record; give --in PARENT"),
  ])
  func `a wrong command line is told and exits with 2`(_ arguments: [String], _ message: String) async {
    let run = await CapturedRun(arguments)
    #expect(run.status == .usage)
    #expect(run.side.hasPrefix(message), "\(run.side)")
    #expect(run.output.isEmpty)
  }

  @Test func `the version is printed by verb and by flag`() async {
    #expect(await CapturedRun(["version"]).output == "plenary 0.1.0 (API plenary.v1)\n")
    #expect(await CapturedRun(["--version"]).output == "plenary 0.1.0 (API plenary.v1)\n")
    #expect(await CapturedRun(["version", "--output", "name"]).output == "0.1.0\n")
    #expect(
      await CapturedRun(["--output", "json", "version"]).output
        == "{\n  \"version\": \"0.1.0\",\n  \"api\": \"plenary.v1\"\n}\n")
  }

  @Test func `an output that is closed ends the run without a word`() async {
    let console = Console(
      output: Console.Stream(
        write: { _ in throw POSIXError(.EPIPE) }, isTerminal: false, style: .plain),
      side: Console.Stream(write: { _ in Issue.record("something was said") }, isTerminal: false, style: .plain),
      width: nil)
    #expect(await CommandRun(console: console, environment: [:]).run(["version"]) == .outputClosed)
  }
}
