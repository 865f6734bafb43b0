internal import ArgumentParser
internal import PlenaryClient

/// `plenary history`: the versions of a record.
struct History: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows the versions of a record, the newest first: when it was changed, by whom and why.",
    discussion: """
      Examples:

        plenary history dialogue asia-ict-ct-3
        plenary history dialogues/asia-ict-ct-3 --limit 5 --output json

      What stands under REVISION can be given to --at, to `plenary diff` and to `plenary rollback`.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @Option(help: ArgumentHelp("The most versions to show. Default: all.", valueName: "count"))
  var limit: Int?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    let versions = try await session.withRegistry { try await $0.versions(of: name, kind, limit: limit) }
    switch global.output {
    case .table: try session.console.print(lines(versions, session))
    case .name: try session.console.print(versions.map(\.name))
    case .json, .yaml:
      var values: [JSONValue] = []
      for version in versions { values.append(try .message(version)) }
      try session.answer(.array(values))
    }
  }

  private func lines(_ versions: [any ResourceRevisionMessage], _ session: Session) -> [String] {
    let style = session.console.output.style
    var table = Table(
      [
        .init(title: "REVISION", isFixed: true), .init(title: "TIME", isFixed: true), .init(title: "CHANGE"),
        .init(title: "BY"), .init(title: "REASON"),
      ], style: style)
    for version in versions {
      let time = version.createTime.map { PointInTime.words(ProtobufTimestamp(seconds: $0.seconds, nanos: $0.nanos)) }
      let change = version.change as? VersionChange ?? VersionChange()
      table.add([
        NamePattern.parts(of: version.name).id, time ?? "", EnumWords.words(change.kind.description), change.actor,
        change.reason,
      ])
    }
    return table.lines(table.layout(width: session.console.width), head: style)
  }
}
