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
          .listAuditEntries(request, options: registry.options)
        return (page.entries, page.nextPageToken)
      }, name: \.resource
    ) { Self.table($0, style: session.console.output.style) }
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
    (request.startTime, request.endTime) = (entries.since?.time, entries.until?.time)
    request.oldestFirst = entries.oldestFirst
    return request
  }

  private static func table(_ entries: [AuditEntry], style: TextStyle) -> Table {
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
    return table
  }
}
