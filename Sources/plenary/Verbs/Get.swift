internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary get`: records by their names.
struct Get: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows one record or several, as a list of their fields or as JSON or YAML.",
    discussion: """
      Examples:

        plenary get dialogue asia-ict-ct-3
        plenary get dialogues/asia-ict-ct-3/workingGroups/wg-1 --output json
        plenary get dialogues asia-ict-ct-1 asia-ict-ct-2 asia-ict-ct-3 -o yaml
        plenary get series/asia-ict-ct-dialogue dialogues/asia-ict-ct-3

      Those of one kind are gotten as they stand at one moment, up to 1000 of them that take at most 3 MiB. If one is \
      not there, none is shown.
      """)

  @Argument(
    help: ArgumentHelp("The kind and the names of the records, or their whole names.", valueName: "kind name"))
  var records: [String]

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let wanted = try KindCatalog.registry.records(records)
    guard wanted.count > 1 else {
      let (kind, name) = wanted[0]
      let found = try await session.withRegistry(at: past.at) { try await $0.get(name, of: kind) }
      return try session.show(found, of: kind) { lines(found, kind, session) }
    }
    let found = try await session.withRegistry(at: past.at) { try await find(wanted, $0) }
    switch global.output {
    case .table:
      let parts = zip(found, wanted).map { lines($0, $1.kind, session) }
      try session.console.print(Array(parts.joined(separator: [""])))
    case .json, .yaml:
      var text = RecordListText(global.output)
      for record in found { try session.console.write(text.next(record)) }
      try session.console.write(text.end())
    case .name: try session.console.print(found.map(\.name))
    }
  }

  /// The records in the order in which they are wanted, gotten kind by kind.
  private func find(
    _ wanted: [(kind: Kind, name: String)], _ registry: Registry
  ) async throws -> [any ResourceMessage] {
    var found: [String: any ResourceMessage] = [:]
    for group in Dictionary(grouping: wanted, by: \.kind.resource.type).values {
      var seen: Set<String> = []
      var names: [String] = []
      for (_, name) in group where seen.insert(name).inserted { names.append(name) }
      for record in try await registry.batchGet(names, of: group[0].kind) { found[record.name] = record }
    }
    return wanted.compactMap { found[$0.name] }
  }

  private func lines(_ record: any ResourceMessage, _ kind: Kind, _ session: Session) -> [String] {
    Description(record, of: kind, language: global.language, showsCitations: false)
      .lines(width: session.console.width, style: session.console.output.style)
  }
}
