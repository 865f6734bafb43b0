internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary report compile`
struct ReportCompile: Verb {
  static let configuration = CommandConfiguration(
    commandName: "compile", abstract: "Compiles a report from the records of its series; it becomes COMPILED.",
    discussion: """
      Examples:

        plenary report compile asia-ict-ct-outcomes --dry-run
        plenary report compile asia-ict-ct-outcomes
        plenary report compile asia-ict-ct-outcomes --at 2018-12-31T12:00:00Z

      The same records give the same content and digest, wherever it is compiled. What not all who may see the report may see \
      is left out, and so is what is above its ceiling.
      """)

  @Argument(help: "The report.")
  var name: String

  // The token of a revision can begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Compile from the registry as it stood then: \(Moment.help).", valueName: "revision|time"))
  var at: Moment?

  @Option(help: "The etag of the version to change.")
  var etag = ""

  @Option(help: "Why. It stays in the audit for good, so it names no persons.")
  var reason = ""

  @Flag(help: "Do not wait: print the name of the operation.")
  var noWait = false

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = CompileOutcomeReportRequest.with {
      $0.etag = etag
      $0.reason = reason
      $0.requestID = change.requestID
      $0.validateOnly = change.dryRun
    }
    guard let answer = try await Self.compile(name, at: at, request, noWait: noWait, in: session) else { return }
    let report = answer.outcomeReport ?? OutcomeReport()
    switch global.output {
    case .table:
      try session.console.print([change.sentence("compiled", report.name)])
      try session.console.print(
        ReportText.sheet(report, sizeBytes: answer.sizeBytes).lines(
          width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.message(answer))
    case .name: try session.console.print([report.name])
    }
  }

  /// Has a report compiled, and waits for it; nil if it is not to be waited for.
  static func compile(
    _ name: String, at moment: Moment?, _ asked: CompileOutcomeReportRequest, noWait: Bool = false, in session: Session
  ) async throws -> CompileOutcomeReportResponse? {
    var request = asked
    request.name = try ReportVerbs.name(name)
    if let moment {
      request.revision = moment.revision
      request.readTime = moment.time
    }
    return try await session.withRegistry(isBrief: false) { registry in
      let operation = try await OutcomeReportServiceClient(registry.client.channel)
        .compileOutcomeReport(request, options: registry.options)
      if noWait {
        try session.answer(begun: operation)
        return nil
      }
      return try await OperationRun(registry: registry, session: session)
        .response(of: operation, as: CompileOutcomeReportResponse.self)
    }
  }
}

/// `plenary report gaps`
struct ReportGaps: Verb {
  static let configuration = CommandConfiguration(
    commandName: "gaps", abstract: "Shows what a report would lack if it were compiled now.",
    discussion: """
      Examples:

        plenary report gaps asia-ict-ct-outcomes
        plenary report gaps asia-ict-ct-outcomes --output name

      Nothing is changed. A gap is filled by what the record lacks, or waived in the `waivers` of the report with a reason.
      """)

  @Argument(help: "The report.")
  var name: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Look at the registry as it stood then: \(Moment.help).", valueName: "revision|time"))
  var at: Moment?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let answer = try await ReportCompile.compile(name, at: at, .with { $0.validateOnly = true }, in: session)
    let gaps = answer?.outcomeReport?.gaps ?? []
    switch global.output {
    case .table:
      guard !gaps.isEmpty else { return session.console.note("no gaps") }
      try session.console.print(ReportText.table(gaps, session))
    case .json, .yaml:
      var values: [JSONValue] = []
      for gap in gaps { values.append(try .message(gap)) }
      try session.answer(.array(values))
    case .name: try session.console.print(gaps.map(\.subject))
    }
  }
}

/// What is told of reports, for people.
enum ReportText {
  /// What compiling has put into a report.
  static func sheet(_ report: OutcomeReport, sizeBytes: Int64) -> Sheet {
    var sheet = Sheet()
    let open = report.gaps.count { $0.waiveReason.isEmpty }
    sheet.add("state", report.state.description)
    sheet.add("label", EnumWords.words(report.highestLabel.description))
    sheet.add("dialogues", "\(report.compiledDialogues.count)")
    sheet.add(
      "gaps", open == report.gaps.count ? "\(open)" : "\(open), and \(report.gaps.count - open) that are waived",
      open > 0 ? .bold : .plain)
    if report.withheldCount > 0 { sheet.add("withheld", "\(report.withheldCount) above the ceiling") }
    sheet.add("size", ByteCount.words(sizeBytes))
    sheet.add("digest", report.contentDigest)
    sheet.add("revision", report.inputRevision)
    sheet.add("template", "\(report.templateVersion)")
    return sheet
  }

  /// Gaps, one a line.
  static func table(_ gaps: [OutcomeGap], _ session: Session) -> [String] {
    let style = session.console.output.style
    var table = Table(
      [.init(title: "MISSING"), .init(title: "WHERE", isFixed: true), .init(title: "WAIVED BECAUSE")], style: style)
    for gap in gaps {
      table.add([EnumWords.words(gap.kind.description), gap.subject, TerminalText.oneLine(gap.waiveReason)])
    }
    return table.lines(table.layout(width: session.console.width), head: style)
  }
}
