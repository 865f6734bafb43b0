internal import ArgumentParser
internal import PlenaryClient

/// `plenary compact`: less history.
struct Compact: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Removes history: the versions of records that were replaced at a moment or before it.",
    discussion: """
      Examples:

        plenary compact --to 2018-01-01 --dry-run
        plenary compact --to REVISION

      It cannot be undone. What stood in the registry at the moment, and all that came later, can still be read; so can \
      the audit. What an approved outcome report rests on stays.
      """)

  // The token of a revision can begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From where on history is kept: \(Moment.help).", valueName: "revision|time"))
  var to: Moment

  @Flag(name: [.long, .customLong("validate-only")], help: "Count what would be removed and remove nothing.")
  var dryRun = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = CompactHistoryRequest.with {
      $0.toRevision = to.revision
      $0.toTime = to.time
      $0.validateOnly = dryRun
    }
    let answer = try await session.withRegistry(isBrief: false) { registry in
      try await AdminServiceClient(registry.client.channel).compactHistory(request, options: registry.options)
    }
    let count = answer.removedVersionCount
    switch global.output {
    case .table:
      let versions = count == 1 ? "1 version" : "\(count) versions"
      try session.console.print([
        dryRun
          ? "\(versions) can be removed (dry run: nothing was changed)"
          : "removed \(versions); history begins at \(answer.oldestRevision)"
      ])
    case .name: try session.console.print([answer.oldestRevision])
    case .json, .yaml: try session.answer(.message(answer))
    }
  }
}
