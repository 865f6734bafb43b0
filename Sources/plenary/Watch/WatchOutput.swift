internal import PlenaryAPI
internal import PlenaryClient

/// Where a watch puts what comes: on the console, or into a command.
struct WatchOutput {
  private let options: GlobalOptions
  private let console: Console
  private let command: WatchCommand?
  private var layout: Table.Layout?

  init(_ options: GlobalOptions, exec: String?, console: Console, environment: [String: String]) {
    self.options = options
    self.console = console
    command = exec.map { WatchCommand($0, environment: environment) }
  }

  /// Shows a message.
  ///
  /// - Throws: a `Failure` if it cannot be written, or the command fails.
  mutating func show(_ message: WatchChangesResponse) async throws {
    if let command {
      for change in message.changes { try await command.run(with: try Self.json(change)) }
    } else {
      switch options.output {
      case .json: try console.print([try Self.json(message)])
      case .yaml: try console.print(["---", try YAMLText.text(json: try JSONValue.message(message).text)])
      case .name: try console.print(message.changes.map(\.resource))
      case .table: try printRows(message.changes)
      }
    }
    if message.kind == .resync, command != nil || !options.output.isForPrograms {
      console.note("what was shown so far counts no longer; all records follow")
    }
  }

  private mutating func printRows(_ changes: [PlenaryAPI.Change]) throws {
    guard !changes.isEmpty else { return }
    let style = console.output.style
    var table = Table(
      [
        .init(title: "TIME", isFixed: true), .init(title: "CHANGE", isFixed: true), .init(title: "NAME", isFixed: true),
        .init(title: "BY"), .init(title: "FIELDS"),
      ], style: style)
    for change in changes {
      table.add([
        change.commitTime.map(PointInTime.words) ?? "", EnumWords.words(change.kind.description), change.resource,
        change.actor, change.changedFields?.paths.joined(separator: ", ") ?? "",
      ])
    }
    // The first ones decide how wide the columns are.
    let isFirst = layout == nil
    let chosen = layout ?? table.layout(width: console.width)
    layout = chosen
    try console.print(table.lines(chosen, head: isFirst ? style : nil))
  }

  /// A message in one line.
  private static func json(_ message: some ProtobufMessage) throws(Failure) -> String {
    do {
      return try ProtoJSON.string(message)
    } catch {
      throw Failure(.other, "a change cannot be written as JSON: \(error)")
    }
  }
}
