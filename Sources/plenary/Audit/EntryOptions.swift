internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// Which entries of the audit, or of the log of accesses, are shown: of what time, in which order and how many.
struct EntryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "From when on: a date such as 2026-11-08 (its first moment in UTC), or a time such as 2026-11-08T09:30:00Z.",
      valueName: "time"))
  var since: Moment?

  @Option(help: ArgumentHelp("Before when.", valueName: "time"))
  var until: Moment?

  @Flag(help: "The oldest first.")
  var oldestFirst = false

  @Option(help: ArgumentHelp("The most entries to show. Default: 100 in a table, else all.", valueName: "count"))
  var limit: Int?

  private static let tableLimit = 100

  /// The entries asked for at a time.
  private static let pageSize = 1000

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    for (name, moment) in [("since", since), ("until", until)] {
      guard let moment else { continue }
      guard moment.time != nil else {
        throw ValidationError("--\(name) must be a date such as 2026-11-08 or a time such as 2026-11-08T09:30:00Z.")
      }
    }
  }

  /// Gets entries, page by page, and shows them in the format that is asked for.
  ///
  /// - Parameters:
  ///   - page: Asks for a page of so many, from a token on.
  ///   - name: What stands for an entry where only names are shown; empty for none.
  ///   - table: What people see.
  func show<Entry: ProtobufMessage>(
    in session: Session,
    _ page: (Registry, Int32, String) async throws -> (entries: [Entry], nextPageToken: String),
    name: (Entry) -> String, table: ([Entry]) -> Table
  ) async throws {
    let output = session.options.output
    let most = limit ?? (output == .table ? Self.tableLimit : .max)
    let (entries, hasMore) = try await session.withRegistry { registry in
      var entries: [Entry] = []
      var token = ""
      repeat {
        let found = try await page(registry, Int32(min(most - entries.count, Self.pageSize)), token)
        entries += found.entries
        token = found.nextPageToken
      } while !token.isEmpty && entries.count < most
      return (entries, !token.isEmpty)
    }
    switch output {
    case .table:
      guard !entries.isEmpty else { return session.console.note("no entries") }
      let table = table(entries)
      try session.console.print(
        table.lines(table.layout(width: session.console.width), head: session.console.output.style))
      if hasMore { session.console.note("there are more; `--limit` shows them") }
    case .name: try session.console.print(entries.map(name).filter { !$0.isEmpty })
    case .json, .yaml:
      var values: [JSONValue] = []
      for entry in entries { values.append(try .message(entry)) }
      try session.answer(.array(values))
    }
  }
}
