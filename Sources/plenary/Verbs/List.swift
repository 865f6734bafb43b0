internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary list`: the records of a kind.
struct List: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Lists the records of a kind.",
    discussion: """
      Examples:

        plenary list dialogues --filter 'format = WORKSHOP' --order-by ordinal
        plenary list working-groups --in dialogues/asia-ict-ct-3
        plenary list directives --filter 'search("internet")'
        plenary list partnerships --filter 'participants.role:CO_ORGANIZER' --output json

      A filter compares fields with =, !=, <, <=, >, >= and : (contains), joined by AND and OR;
      `plenary filter explain` shows how one is understood.
      """)

  @Argument(help: "The kind, such as dialogues.")
  var kind: String

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("The record that they lie in. Default: -, which means any.", valueName: "parent"))
  var parent: String?

  @Option(help: "Which of them to list.")
  var filter = ""

  @Option(help: ArgumentHelp("The fields to order by, such as 'start_date desc, ordinal'.", valueName: "fields"))
  var orderBy = ""

  @Option(help: ArgumentHelp("The most records to list. Default: all.", valueName: "count"))
  var limit: Int?

  @Flag(help: "List deleted records too.")
  var showDeleted = false

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind(kind)
    var query = ListQuery(parent: kind.pattern.anyParent, filter: filter, orderBy: orderBy, limit: limit)
    if let parent { query.parent = try kinds.parent(parent, of: kind) }
    query.showsDeleted = showDeleted
    try await session.withRegistry(at: past.at) { registry in
      switch global.output {
      case .table: try await printTable(of: kind, query, registry, session.console)
      case .json, .yaml: try await printText(of: kind, query, registry, session.console)
      case .name:
        query.paths = ["name"]
        try await registry.list(kind, query) { page in try session.console.print(page.map(\.name)) }
      }
    }
  }

  private func printTable(of kind: Kind, _ query: ListQuery, _ registry: Registry, _ console: Console) async throws {
    let columns = ListColumns(of: kind, language: global.language, showsDeletion: showDeleted)
    var query = query
    query.paths = columns.paths
    var layout: Table.Layout?
    let overdue = kind.message == Recommendation.self ? try await registry.overdue(among: query.filter) : []
    let count = try await registry.list(kind, query) { page in
      var table = Table(columns.columns, style: console.output.style)
      for record in page { table.add(columns.cells(of: record, isOverdue: overdue.contains(record.name))) }
      // The first page decides how wide the columns are, so that each page is shown as it comes.
      let isFirst = layout == nil
      let chosen = layout ?? table.layout(width: console.width)
      layout = chosen
      try console.print(table.lines(chosen, head: isFirst ? console.output.style : nil))
    }
    if count == 0 { console.note("no \(kind.nouns)") }
  }

  /// Prints the records as they come, for programs.
  private func printText(of kind: Kind, _ query: ListQuery, _ registry: Registry, _ console: Console) async throws {
    var text = RecordListText(global.output)
    try await registry.list(kind, query) { page in
      for record in page { try console.write(text.next(record)) }
    }
    try console.write(text.end())
  }
}
