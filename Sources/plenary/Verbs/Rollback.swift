internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary rollback`: the content of before for a record.
struct Rollback: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Gives a record the content that it had, as a new version.",
    discussion: """
      Examples:

        plenary rollback dialogue asia-ict-ct-3 --to REVISION --reason 'the dates were right before'
        plenary rollback dialogues/asia-ict-ct-3 --to 2018-11-08T09:30:00Z --dry-run

      The state and the marking of the record stay as they are; states change by the verbs of the kind. All rules hold as \
      for an update.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  // The token of a revision can begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The version: \(Moment.help).", valueName: "revision|time"))
  var to: Moment

  @Option(help: "The etag of the version to change.")
  var etag = ""

  @Option(help: "Why. It stays in the audit for good, so it names no persons.")
  var reason = ""

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    let restored = try await session.withRegistry {
      try await $0.rollback(name, of: kind, to: to, etag: etag, reason: reason, change.change)
    }
    try session.show(restored, of: kind) { [change.sentence("rolled back", restored.name)] }
  }
}
