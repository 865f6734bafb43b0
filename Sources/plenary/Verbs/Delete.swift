internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary delete`: a record that is no longer wanted.
struct Delete: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Deletes a record. It stays in history, and its name is not used again.",
    discussion: """
      Examples:

        plenary delete theme digital-evidence
        plenary delete dialogue asia-ict-ct-4 --force --dry-run

      A record that others refer to cannot be deleted; they are listed.
      `plenary undelete` brings a deleted record back.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @Option(help: "The etag of the version to delete.")
  var etag = ""

  @Flag(help: "Delete the records that lie in it too.")
  var force = false

  @Flag(help: "Do not fail if there is no such record.")
  var allowMissing = false

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    let deleted = try await session.withRegistry {
      try await $0.delete(name, of: kind, etag: etag, force: force, allowMissing: allowMissing, change.change)
    }
    try session.show(deleted, of: kind) {
      // With --allow-missing the answer for a record that is not there is an empty one.
      [deleted.name.isEmpty ? "there is no \(name)" : change.sentence("deleted", deleted.name)]
    }
  }
}
