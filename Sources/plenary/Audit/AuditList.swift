internal import ArgumentParser
internal import GoogleAPI
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary audit list`
struct AuditList: Verb {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Shows who changed what and when, the newest first.",
    discussion: """
      Examples:

        plenary audit list --limit 20
        plenary audit list dialogue asia-ict-ct-3 --oldest-first
        plenary audit list --by clients/cted-desk --since 2026-11-01 --act purged
        plenary audit list --kind clients --output json

      A record stands for itself and for what lies in it. It is for officers; what the caller may not see is left out.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of a record, or its whole name.", valueName: "kind name"))
  var record: [String] = []

  @Option(help: ArgumentHelp("Who did it, such as clients/cted-desk.", valueName: "principal"))
  var by: String?

  @Option(help: "A kind, such as dialogues; can be given several times. Default: all.")
  var kind: [String] = []

  @Option(
    help: "What was done: written, deleted, purged, erased or restored; can be given several times. Default: anything.")
  var act: [String] = []

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
      var entries: [AuditEntry] = []
      repeat {
        request.pageSize = Int32(min(most - entries.count, 1000))
        let page = try await AuditServiceClient(registry.client.channel)
          .listAuditEntries(request, options: registry.options)
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
    case .name: try session.console.print(entries.map(\.resource))
    case .json, .yaml:
      var values: [JSONValue] = []
      for entry in entries { values.append(try .message(entry)) }
      try session.answer(.array(values))
    }
  }

  private func request() throws -> ListAuditEntriesRequest {
    let kinds = KindCatalog.registry
    var request = ListAuditEntriesRequest()
    if !record.isEmpty { request.resource = try kinds.record(record).name }
    request.principal = by ?? ""
    for word in kind { request.resourceTypes.append(try kinds.kind(word).resource.type) }
    for word in act {
      request.acts.append(AuditEntry.Act(rawValue: try EnumWords.number(word, of: AuditEntry.Act.self)))
    }
    (request.startTime, request.endTime) = (period.since?.time, period.until?.time)
    request.oldestFirst = oldestFirst
    return request
  }

  private static func lines(_ entries: [AuditEntry], _ session: Session) -> [String] {
    let style = session.console.output.style
    var table = Table(
      [
        .init(title: "TIME", isFixed: true), .init(title: "DONE"), .init(title: "RECORD", isFixed: true),
        .init(title: "BY"), .init(title: "REASON"), .init(title: "REVISION"),
      ], style: style)
    for entry in entries {
      table.add([
        entry.commitTime.map(PointInTime.words) ?? "", EnumWords.words(entry.act.description), entry.resource,
        entry.principal, entry.reason, entry.revision,
      ])
    }
    return table.lines(table.layout(width: session.console.width), head: style)
  }
}

/// A stretch of time that is looked at.
struct AuditPeriod: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From when on: a date such as 2026-11-08 (its first moment in UTC), or a time such as 2026-11-08T09:30:00Z.",
      valueName: "time"))
  var since: Moment?

  @Option(help: ArgumentHelp("Before when.", valueName: "time"))
  var until: Moment?

  /// Sees to it that both are times.
  func check() throws {
    for (name, moment) in [("since", since), ("until", until)] {
      guard let moment else { continue }
      guard moment.time != nil else {
        throw ValidationError("--\(name) must be a date such as 2026-11-08 or a time such as 2026-11-08T09:30:00Z.")
      }
    }
  }
}
