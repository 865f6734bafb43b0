internal import ArgumentParser
internal import PlenaryClient

/// `plenary trace`: the chain from mandates to what became of recommendations.
struct Trace: Verb {
  static let configuration = CommandConfiguration(
    abstract:
      "Follows a record back to the mandate and forth to what became of it, and shows where the chain breaks off.",
    discussion: """
      Examples:

        plenary trace recommendation keep-evidence
        plenary trace dialogues/asia-ict-ct-3/workingGroups/wg-1
        plenary trace mandates/s-res-2129-2013 --limit 500 --output json

      The record itself stands out. A record that several others lead to is shown below each of them, and what follows it \
      only once.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @Option(help: ArgumentHelp("The most records to show, the nearest first; at most 1000.", valueName: "count"))
  var limit: Int32 = 200

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run(in session: Session) async throws {
    let (_, name) = try KindCatalog.registry.record(record)
    let request = TraceResourceRequest.with {
      ($0.name, $0.pageSize) = (name, limit)
      $0.revision = past.at?.revision ?? ""
      $0.readTime = past.at?.time
    }
    let (trace, titles) = try await session.withRegistry(at: past.at) { registry in
      let trace = try await TraceServiceClient(registry.client.channel)
        .traceResource(request, options: registry.options)
      let isForPeople = global.output == .table
      return (
        trace, isForPeople ? try await registry.titles(of: trace.nodes.map(\.name), language: global.language) : [:]
      )
    }
    switch global.output {
    case .table:
      let console = session.console
      try console.print(TraceText(trace, titles: titles).lines(width: console.width, style: console.output.style))
    case .json, .yaml: try session.answer(.message(trace))
    case .name: try session.console.print(trace.nodes.map(\.name))
    }
  }
}

/// A trace for people: a tree from what leads to the record to what follows it, then the gaps.
struct TraceText {
  private let trace: ResourceTrace
  private let titles: [String: RecordTitle]

  init(_ trace: ResourceTrace, titles: [String: RecordTitle]) {
    self.trace = trace
    self.titles = titles
  }

  /// The lines.
  func lines(width: Int?, style: TextStyle) -> [String] {
    let forest = Tree.forest(of: trace.nodes, id: \.name, above: \.predecessors) { node in
      var label = StyledText(Self.words(node.step), .faint)
      label.add(titles[node.name]?.shown ?? node.name, node.side == .itself ? .bold : .plain)
      if !node.state.isEmpty { label.addAside(EnumWords.words(node.state)) }
      if titles[node.name] != nil { label.addAside(node.name) }
      return label
    }
    var lines = Tree.lines(forest, width: width, style: style)
    if trace.truncated { lines += ["", "there are more records; show them with a greater --limit"] }
    guard !trace.gaps.isEmpty else { return lines }
    var sheet = Sheet()
    for gap in trace.gaps {
      let article = gap.before ? "comes from no" : "is followed by no"
      sheet.add(StyledText.bullet + gap.name, [StyledText("\(article) \(Self.words(gap.missing))")])
    }
    return lines + ["", style.bold("Gaps")] + sheet.lines(width: width, style: style)
  }

  private static func words(_ step: ResourceTrace.Step) -> String {
    step == .followUp ? "follow-up" : EnumWords.words(step.description)
  }
}
