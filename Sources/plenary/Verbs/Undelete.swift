internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary undelete`: a deleted record that is wanted after all.
struct Undelete: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Brings back a deleted record, and what was deleted with it.",
    discussion: """
      Examples:

        plenary undelete dialogue asia-ict-ct-4
        plenary undelete theme digital-evidence --dry-run

      What the record refers to, and what must be unique, is checked again.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @Option(help: "The etag of the deleted version.")
  var etag = ""

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    let restored = try await session.withRegistry {
      try await $0.undelete(name, of: kind, etag: etag, change.change)
    }
    try session.show(restored, of: kind) { [change.sentence("undeleted", restored.name)] }
  }
}
