internal import ArgumentParser
internal import Foundation

/// The program: `plenary VERB …`.
@main
struct Plenary: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plenary",
    abstract: "Keeps a registry of dialogues: imports, shows and changes its records.",
    discussion: """
      Examples:

        plenary import asia-ict-ct.json --dry-run
        plenary apply -f registry/ --dry-run
        plenary list dialogues --filter 'format = WORKSHOP'
        plenary describe dialogue asia-ict-ct-3

      Exit codes: 0 ok, 1 other, 2 usage, 3 not found, 4 denied, 5 conflict, 6 precondition, 7 invalid input, \
      8 unreachable or too slow, 9 difference found.
      """,
    version: "plenary \(Version.number) (API \(Version.api))",
    subcommands: [
      Import.self, Export.self, Apply.self, Get.self, List.self, Search.self, Describe.self, Create.self, Update.self,
      Delete.self, Undelete.self, Purge.self, Watch.self, History.self, Diff.self, Rollback.self, Compact.self,
      DialogueVerbs.self,
      SeriesVerbs.self, WorkingGroupVerbs.self, PanelVerbs.self,
      PartnershipVerbs.self, ThemeVerbs.self, ConsultationVerbs.self, RecommendationVerbs.self, OrganizationVerbs.self,
      PersonVerbs.self, ClientVerbs.self, MarkingVerbs.self, GroupVerbs.self, FilterVerbs.self, TranslateVerbs.self,
      Trace.self, Explain.self, Status.self, Doctor.self, Backup.self,
      Verify.self, FollowerVerbs.self, AuditVerbs.self, RebuildSearchIndex.self, OperationVerbs.self,
      Version.self,
    ])

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  static var _errorPrefix: String { "error: " }

  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    let run = CommandRun(console: .standard(environment: environment), environment: environment)
    Foundation.exit(await run.run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }
}
