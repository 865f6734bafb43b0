internal import ArgumentParser
internal import PlenaryClient

/// `plenary diff`: what differs between two moments, in one record or in the registry.
struct Diff: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows what differs between two moments: the fields of a record, or the records of the registry.",
    discussion: """
      Examples:

        plenary diff dialogues/asia-ict-ct-3 2018-11-01 2018-11-10
        plenary diff dialogue asia-ict-ct-3 REVISION
        plenary diff --registry 2018-11-01T09:00:00Z

      A moment is \(Moment.help). Without a second one, the first is compared with the present. Exits with 9 if \
      something differs, with 0 if not.
      """)

  @Flag(help: "Compare all records instead of one.")
  var registry = false

  // The token of a revision can begin with a hyphen.
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "The record, unless --registry is given, and one or two moments.", valueName: "kind name moments"))
  var words: [String]

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    var words = words[...]
    var record: (kind: Kind, name: String)?
    if !registry {
      let count = words.first?.contains("/") == true ? 1 : 2
      record = try KindCatalog.registry.record(Array(words.prefix(count)))
      words = words.dropFirst(count)
    }
    let moments = words.compactMap { Moment(argument: $0) }
    guard let from = moments.first, moments.count <= 2 else {
      throw Failure(
        .usage, "\(moments.isEmpty ? "there is no moment to compare from" : "'\(words.last ?? "")' is too much")",
        advice: "give one moment or two after \(registry ? "--registry" : "the record")")
    }
    let to = moments.count > 1 ? moments[1] : nil
    if let record {
      let found = try await session.withRegistry { try await $0.differences(of: record.name, from: from, to: to) }
      try show(found, record.name, session)
      if !found.changes.isEmpty { throw Failure.somethingDiffers }
    } else {
      let found = try await session.withRegistry(isBrief: false) { try await $0.differences(from: from, to: to) }
      try show(found, session)
      if !found.changes.isEmpty { throw Failure.somethingDiffers }
    }
  }

  private func show(_ found: DiffResourceResponse, _ name: String, _ session: Session) throws {
    switch global.output {
    case .table:
      guard !found.changes.isEmpty else { return session.console.note("\(name): nothing differs") }
      var lines: [String] = []
      for change in found.changes {
        lines.append(change.path)
        if let before = change.before { lines.append("  - \(try words(of: before))") }
        if let after = change.after { lines.append("  + \(try words(of: after))") }
      }
      try session.console.print(lines)
    case .name: try session.console.print(found.changes.map(\.path))
    case .json, .yaml: try session.answer(.message(found))
    }
  }

  private func show(_ found: DiffRegistryResponse, _ session: Session) throws {
    switch global.output {
    case .table:
      guard !found.changes.isEmpty else { return session.console.note("nothing differs") }
      let style = session.console.output.style
      var table = Table(
        [.init(title: "CHANGE"), .init(title: "NAME", isFixed: true), .init(title: "FIELDS")], style: style)
      // By kind, in the order of the kinds, and then by name.
      for kind in KindCatalog.registry.kinds {
        for change in found.changes.filter({ $0.resourceType == kind.resource.type }).sorted(by: { $0.name < $1.name })
        {
          table.add([
            EnumWords.words(change.kind.description), change.name, change.changedFields.joined(separator: ", "),
          ])
        }
      }
      try session.console.print(table.lines(table.layout(width: session.console.width), head: style))
    case .name: try session.console.print(found.changes.map(\.name))
    case .json, .yaml: try session.answer(.message(found))
    }
  }

  /// A value in one line: a text as it is, anything else as JSON.
  private func words(of value: ProtobufValue) throws -> String {
    if case .stringValue(let text)? = value.kind { return TerminalText.oneLine(text) }
    return TerminalText.oneLine(try ProtoJSON.string(value))
  }
}
