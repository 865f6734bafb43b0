internal import ArgumentParser
internal import PlenaryClient

/// `plenary series …`: what can be done with series alone.
struct SeriesVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series", abstract: "Shows a series with its dialogues and partners, suspends it or ends it.",
    subcommands: [
      SeriesShow.self, StateVerb<SeriesStates.Suspend>.self, StateVerb<SeriesStates.Resume>.self,
      StateVerb<SeriesStates.End>.self,
    ])
}

/// `plenary series show`: a series on one page.
struct SeriesShow: Verb {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows a series: its dialogues in order, when and where they were, who took part in which role.",
    discussion: """
      Examples:

        plenary series show asia-ict-ct-dialogue
        plenary series show series/asia-ict-ct-dialogue --output json
      """)

  @Argument(help: "The series.")
  var name: String

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let name = try kinds.name(name, of: try kinds.kind("series"))
    let (page, titles) = try await session.withRegistry(at: past.at) { registry in
      let page = try await SeriesRecords(of: name, in: registry)
      let isForPeople = global.output == .table
      return (page, isForPeople ? try await registry.titles(of: page.references, language: global.language) : [:])
    }
    switch global.output {
    case .table:
      let console = session.console
      try console.print(
        SeriesPage(records: page, titles: titles, language: global.language)
          .lines(width: console.width, style: console.output.style))
    case .json, .yaml: try session.answer(page.json())
    case .name: try session.console.print([page.series.name] + page.dialogues.map(\.name))
    }
  }
}
