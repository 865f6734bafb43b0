internal import ArgumentParser
internal import GoogleAPI
internal import PlenaryClient

/// `plenary consultation coverage`: which groups were consulted at which dialogues.
struct ConsultationCoverageVerb: Verb {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Shows which stakeholder groups of a directive were consulted at which dialogues, and which were not.",
    discussion: """
      Examples:

        plenary consult coverage s-res-2129-2013/address-ict
        plenary consult coverage s-res-2129-2013/address-ict --series asia-ict-ct-dialogue --from 2017 --to 2018
        plenary consult coverage s-res-2129-2013/address-ict --output json

      A number says how many organizations were consulted. Without --series it takes the dialogues of every series under \
      the mandate. With --output name only the groups that nobody has consulted are printed.
      """)

  @Argument(help: "The directive.")
  var directive: String

  @Option(help: "Take the dialogues of this series.")
  var series: String?

  @Option(help: ArgumentHelp("The first day, month or year that is looked at, such as 2017-05.", valueName: "date"))
  var from: String?

  @Option(help: ArgumentHelp("The last day, month or year that is looked at.", valueName: "date"))
  var to: String?

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let request = try GetConsultationCoverageRequest.with { request throws(Failure) in
      request.directive = try kinds.name(directive, of: try kinds.kind("directive"))
      if let series { request.series = try kinds.name(series, of: try kinds.kind("series")) }
      request.startDate = try Self.date(from, "--from")
      request.endDate = try Self.date(to, "--to")
      request.revision = past.at?.revision ?? ""
      request.readTime = past.at?.time
    }
    let (coverage, titles) = try await session.withRegistry(at: past.at) { registry in
      let coverage = try await CoverageServiceClient(registry.client.channel)
        .getConsultationCoverage(request, options: registry.options)
      let isForPeople = global.output == .table
      let names = coverage.columns.map(\.dialogue) + coverage.rows.flatMap { $0.cells.flatMap(\.organizations) }
      return (coverage, isForPeople ? try await registry.titles(of: Set(names), language: global.language) : [:])
    }
    switch global.output {
    case .table:
      let console = session.console
      try console.print(
        CoverageText(coverage, titles: titles).lines(width: console.width, style: console.output.style))
    case .json, .yaml: try session.answer(.message(coverage))
    case .name: try session.console.print(coverage.gaps.map(\.description))
    }
  }

  private static func date(_ text: String?, _ option: String) throws(Failure) -> GoogleDate? {
    guard let text else { return nil }
    guard let date = CivilDate(text) else {
      throw Failure(.usage, "'\(text)' is no date", advice: "write \(option) as 2018, 2018-11 or 2018-11-08")
    }
    return date.message
  }
}

/// A table of coverage for people: a row for each group, a column for each dialogue as far as there is room.
struct CoverageText {
  private let coverage: ConsultationCoverage
  private let titles: [String: RecordTitle]

  /// What stands where nobody was consulted.
  private static let nothing = "–"

  init(_ coverage: ConsultationCoverage, titles: [String: RecordTitle]) {
    self.coverage = coverage
    self.titles = titles
  }

  /// The lines: the table, what its columns are, who was consulted, and the gaps.
  func lines(width: Int?, style: TextStyle) -> [String] {
    var table = Table(
      [Table.Column(title: "GROUP", isFixed: true), Table.Column(title: "CONSULTED", isFixed: true)]
        + coverage.columns.indices.map { Table.Column(title: mark($0), alignment: .right, widthMin: 3) }, style: style)
    for row in coverage.rows {
      table.add(
        [Self.words(row.stakeholderGroup) + (row.requested ? "" : " (not asked for)"), row.gap ? "no" : "yes"]
          + row.cells.map(Self.words))
    }
    var lines =
      coverage.rows.isEmpty ? ["the directive names no stakeholder groups"] : table.lines(width: width, style: style)
    var legend = Sheet()
    for (index, column) in coverage.columns.enumerated() { legend.add(mark(index), [describe(column)]) }
    if !coverage.columns.isEmpty { lines += [""] + legend.lines(width: width, style: style) }
    lines += consulted(width, style)
    guard !coverage.gaps.isEmpty else { return lines }
    let gaps = StyledText("not consulted: " + coverage.gaps.map(Self.words).joined(separator: ", "))
    return lines + [""] + gaps.lines(width: width, style: style)
  }

  /// The organizations by group, where they are told.
  private func consulted(_ width: Int?, _ style: TextStyle) -> [String] {
    var sheet = Sheet()
    for row in coverage.rows {
      let names = Set(row.cells.flatMap(\.organizations)).sorted()
      guard !names.isEmpty else { continue }
      sheet.add(
        Self.words(row.stakeholderGroup), names.map { StyledText(titles[$0]?.full ?? $0, lead: StyledText.bullet) })
    }
    let lines = sheet.lines(width: width, style: style)
    return lines.isEmpty ? [] : ["", style.bold("Consulted")] + lines
  }

  private func mark(_ index: Int) -> String { coverage.columns[index].dialogue.isEmpty ? "ELSEWHERE" : "D\(index + 1)" }

  private func describe(_ column: ConsultationCoverage.Column) -> StyledText {
    guard !column.dialogue.isEmpty else { return StyledText("outside of dialogues") }
    var text = StyledText(titles[column.dialogue]?.full ?? column.dialogue)
    if titles[column.dialogue] != nil { text.addAside(column.dialogue) }
    if column.attributionWithheld { text.addAside("Chatham House Rule: nobody is named") }
    return text
  }

  private static func words(_ cell: ConsultationCoverage.Cell) -> String {
    guard cell.consultationCount > 0 else { return nothing }
    return cell.organizationCount.map { "\($0)" } ?? "< \(cell.organizationCountLimit)"
  }

  private static func words(_ group: Directive.StakeholderGroup) -> String { EnumWords.words(group.description) }
}
