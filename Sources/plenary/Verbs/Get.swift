internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary get`: one record.
struct Get: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows a record, as a list of its fields or as ProtoJSON.",
    discussion: """
      Examples:

        plenary get dialogue asia-ict-ct-3
        plenary get dialogues/asia-ict-ct-3/workingGroups/wg-1 --output json
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    let found = try await session.withRegistry(at: past.at) { try await $0.get(name, of: kind) }
    try session.show(found, of: kind) {
      Description(found, of: kind, language: global.language, showsCitations: false)
        .lines(width: session.console.width, style: session.console.output.style)
    }
  }
}
