internal import ArgumentParser
internal import PlenaryClient

/// `plenary audit access`
struct AuditAccess: Verb {
  static let configuration = CommandConfiguration(
    commandName: "access", abstract: "Shows who was given what is held back, and who was refused, the newest first.",
    discussion: """
      Examples:

        plenary audit access --limit 20
        plenary audit access dialogue asia-ict-ct-3 --since 2026-11-01
        plenary audit access --outcome refused --by clients/cted-desk --output json

      Reads are noted of records marked AMBER+STRICT or RED. It is for officers; what the caller may not see is left out. \
      Each daemon has a log of its own.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of a record, or its whole name.", valueName: "kind name"))
  var record: [String] = []

  @Option(help: ArgumentHelp("Who asked, such as clients/cted-desk.", valueName: "principal"))
  var by: String?

  @Option(help: "What came of it: read or refused. Default: anything.")
  var outcome: String?

  @OptionGroup
  var period: AuditPeriod

  @Flag(help: "The oldest first.")
  var oldestFirst = false

  @Option(help: ArgumentHelp("The most entries to show. Default: 100 in a table, else all.", valueName: "count"))
  var limit: Int?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  private static let tableLimit = 100

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    try period.check()
  }

  func run(in session: Session) async throws {
    let request = try request()
    let most = limit ?? (global.output == .table ? Self.tableLimit : .max)
    let (entries, hasMore) = try await session.withRegistry { registry in
      var request = request
      var entries: [AccessEntry] = []
      repeat {
        request.pageSize = Int32(min(most - entries.count, 1000))
        let page = try await AuditServiceClient(registry.client.channel)
          .listAccessEntries(request, options: registry.options)
        entries += page.entries
        request.pageToken = page.nextPageToken
      } while !request.pageToken.isEmpty && entries.count < most
      return (entries, !request.pageToken.isEmpty)
    }
    switch global.output {
    case .table:
      guard !entries.isEmpty else { return session.console.note("no entries") }
      try session.console.print(Self.lines(entries, session))
      if hasMore { session.console.note("there are more; `--limit` shows them") }
    case .name: try session.console.print(entries.map(\.resource).filter { !$0.isEmpty })
    case .json, .yaml:
      var values: [JSONValue] = []
      for entry in entries { values.append(try .message(entry)) }
      try session.answer(.array(values))
    }
  }

  private func request() throws -> ListAccessEntriesRequest {
    var request = ListAccessEntriesRequest()
    if !record.isEmpty { request.resource = try KindCatalog.registry.record(record).name }
    request.principal = by ?? ""
    if let outcome {
      request.outcome = AccessEntry.Outcome(rawValue: try EnumWords.number(outcome, of: AccessEntry.Outcome.self))
    }
    (request.startTime, request.endTime) = (period.since?.time, period.until?.time)
    request.oldestFirst = oldestFirst
    return request
  }

  private static func lines(_ entries: [AccessEntry], _ session: Session) -> [String] {
    let style = session.console.output.style
    var table = Table(
      [
        .init(title: "TIME", isFixed: true), .init(title: "OUTCOME"), .init(title: "COUNT", alignment: .right),
        .init(title: "BY"), .init(title: "RECORD"), .init(title: "METHOD"), .init(title: "REASON"),
      ], style: style)
    for entry in entries {
      table.add([
        entry.time.map(PointInTime.words) ?? "", EnumWords.words(entry.outcome.description), "\(entry.count)",
        entry.principal, entry.onlyCounted ? "only counted" : entry.resource, entry.method, entry.reason,
      ])
    }
    return table.lines(table.layout(width: session.console.width), head: style)
  }
}
