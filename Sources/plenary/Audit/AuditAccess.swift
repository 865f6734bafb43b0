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
  var entries: EntryOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let asked = try request()
    try await entries.show(
      in: session,
      { registry, count, token in
        var request = asked
        (request.pageSize, request.pageToken) = (count, token)
        let page = try await AuditServiceClient(registry.client.channel)
          .listAccessEntries(request, options: registry.options)
        return (page.entries, page.nextPageToken)
      }, name: \.resource
    ) { Self.table($0, style: session.console.output.style) }
  }

  private func request() throws -> ListAccessEntriesRequest {
    var request = ListAccessEntriesRequest()
    if !record.isEmpty { request.resource = try KindCatalog.registry.record(record).name }
    request.principal = by ?? ""
    if let outcome {
      request.outcome = AccessEntry.Outcome(rawValue: try EnumWords.number(outcome, of: AccessEntry.Outcome.self))
    }
    (request.startTime, request.endTime) = (entries.since?.time, entries.until?.time)
    request.oldestFirst = entries.oldestFirst
    return request
  }

  private static func table(_ entries: [AccessEntry], style: TextStyle) -> Table {
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
    return table
  }
}
