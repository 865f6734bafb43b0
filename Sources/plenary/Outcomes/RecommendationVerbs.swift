internal import ArgumentParser
internal import PlenaryClient

/// `plenary recommendation show`: a recommendation on one page.
struct RecommendationShow: Verb {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows a recommendation: where it stands, what took its place, and what became of it.",
    discussion: """
      Examples:

        plenary recommend show keep-evidence
        plenary recommend show keep-evidence --output json
      """)

  @Argument(help: "The recommendation.")
  var name: String

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let name = try kinds.name(name, of: try kinds.kind("recommendation"))
    let (records, titles) = try await session.withRegistry(at: past.at) { registry in
      let records = try await RecommendationRecords(of: name, in: registry)
      let isForPeople = global.output == .table
      return (records, isForPeople ? try await registry.titles(of: records.references, language: global.language) : [:])
    }
    switch global.output {
    case .table:
      let console = session.console
      try console.print(
        RecommendationPage(records: records, titles: titles, language: global.language)
          .lines(width: console.width, style: console.output.style))
    case .json, .yaml: try session.answer(records.json())
    case .name:
      try session.console.print(
        [name] + records.successors.map(\.name) + records.replaced.map(\.name) + records.followUps.map(\.name))
    }
  }
}

/// `plenary recommendation overdue`: what should have been done by now.
struct RecommendationsOverdue: Verb {
  static let configuration = CommandConfiguration(
    commandName: "overdue",
    abstract: "Lists the recommendations that were to be followed by a day that has passed, the longest overdue first.",
    discussion: """
      Examples:

        plenary recommend overdue
        plenary recommend overdue --addressee ctc --as-of 2020-01-01

      Drafts are not overdue, and neither is what was rejected, withdrawn, superseded or implemented.
      """)

  @Option(help: "Only those that this organization is to follow.")
  var addressee: String?

  @Option(help: ArgumentHelp("The day that counts as today. Default: the daemon's, in UTC.", valueName: "date"))
  var asOf: String?

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  /// The states in which advice waits to be followed.
  private static let open = ["SUBMITTED", "ACCEPTED", "PARTIALLY_ACCEPTED", "IMPLEMENTING"]

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("recommendations")
    let filter = try filter(kinds)
    let records = try await session.withRegistry(at: past.at) { registry in
      try await registry.all(kind, ListQuery(filter: filter, orderBy: "due_date"))
    }
    switch global.output {
    case .table:
      let columns = ListColumns(of: kind, language: global.language, showsDeletion: false)
      guard !records.isEmpty else { return session.console.note("no recommendations are overdue") }
      var table = Table(columns.columns, style: session.console.output.style)
      for record in records { table.add(columns.cells(of: record, isOverdue: true)) }
      try session.console.print(table.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml:
      var values: [JSONValue] = []
      for record in records { values.append(try .message(record)) }
      try session.answer(.array(values))
    case .name: try session.console.print(records.map(\.name))
    }
  }

  private func filter(_ kinds: KindCatalog) throws(Failure) -> String {
    var conditions = ["overdue = true"]
    if let asOf {
      guard let date = CivilDate(asOf), date.day > 0 else {
        throw Failure(.usage, "'\(asOf)' is no date", advice: "write --as-of as 2018-11-08")
      }
      conditions = ["due_date < \(date.text)", "(\(Self.open.map { "state = \($0)" }.joined(separator: " OR ")))"]
    }
    if let addressee {
      conditions.append("addressee = \"\(try kinds.name(addressee, of: try kinds.kind("organization")))\"")
    }
    return conditions.joined(separator: " AND ")
  }
}

/// `plenary recommendation follow-up`: tells what became of a recommendation.
struct RecommendationFollowUp: Verb {
  static let configuration = CommandConfiguration(
    commandName: "follow-up", abstract: "Notes what became of a recommendation. It stays: nothing told is taken back.",
    discussion: """
      Examples:

        plenary recommend follow-up keep-evidence --note 'A draft is out.' --progress 30
        plenary recommend follow-up keep-evidence --progress 100 --evidence-url https://www.example.org/law
      """)

  @Argument(help: "The recommendation.")
  var name: String

  @Option(help: "What is noted, in --language.")
  var note: String?

  @Option(help: ArgumentHelp("How much is done.", valueName: "percent"))
  var progress: Int32?

  @Option(help: ArgumentHelp("Where it can be seen.", valueName: "url"))
  var evidenceURL: String?

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let parent = try kinds.name(name, of: try kinds.kind("recommendation"))
    let kind = try kinds.kind("follow-up")
    let followUp = FollowUp.with { followUp in
      if let note {
        followUp.note = .with { ($0.values, $0.originalLanguage) = ([global.language: note], global.language) }
      }
      followUp.progressPercent = progress
      followUp.evidenceURL = evidenceURL ?? ""
    }
    let made = try await session.withRegistry {
      try await $0.create(followUp, of: kind, id: "", in: parent, change.change)
    }
    try session.show(made, of: kind) { [change.sentence("created", made.name)] }
  }
}
