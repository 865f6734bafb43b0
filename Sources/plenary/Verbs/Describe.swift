internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary describe`: one record with everything that is known about it.
struct Describe: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Describes a record: each value with the source that it comes from, each reference with its title.",
    discussion: """
      Examples:

        plenary describe dialogue asia-ict-ct-3
        plenary describe partnerships/asia-ict-ct-3 --language fr

      An arrow leads from a value to its source: [1] is the first of the sources at the end.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    try await session.withRegistry(at: past.at) { registry in
      let found = try await registry.get(name, of: kind)
      let isForPeople = global.output == .table
      let titles =
        isForPeople ? try await registry.titles(of: References.names(in: found), language: global.language) : [:]
      try session.show(found, of: kind) {
        Description(found, of: kind, titles: titles, language: global.language)
          .lines(width: session.console.width, style: session.console.output.style)
      }
    }
  }
}
