internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary filter …`: what can be done with filters alone.
struct FilterVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter", abstract: "Tells how filters are understood.", subcommands: [FilterExplain.self])
}

/// `plenary filter explain`: how a list is read.
struct FilterExplain: Verb {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Shows how a filter is understood and which indexes answer it.",
    discussion: """
      Examples:

        plenary filter explain dialogues 'location.region_code:(KR OR TH) AND start_date >= 2018'
        plenary filter explain dialogues 'within_m49("142")' --order-by 'start_date desc'

      What no index answers is looked up in each record; a scan looks at every
      record of the kind. An error is shown below its place in the filter.
      """)

  @Argument(help: "The kind, such as dialogues.")
  var kind: String

  @Argument(help: "The filter.")
  var filter: String

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("The record that they lie in. Default: -, which means any.", valueName: "parent"))
  var parent: String?

  @Option(help: ArgumentHelp("The fields to order by, such as 'start_date desc, ordinal'.", valueName: "fields"))
  var orderBy = ""

  @Flag(help: "Explain a list that shows deleted records too.")
  var showDeleted = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind(kind)
    let request = try ExplainFilterRequest.with { request throws(Failure) in
      request.resourceType = kind.resource.type
      request.parent = try parent.map { text throws(Failure) in try kinds.parent(text, of: kind) } ?? ""
      request.filter = filter
      request.orderBy = orderBy
      request.showDeleted = showDeleted
    }
    let plan = try await session.withRegistry { registry in
      do {
        return try await FilterServiceClient(registry.client.channel)
          .explainFilter(request, options: registry.options)
      } catch let status as GRPCStatus {
        throw failure(status, session) ?? status
      }
    }
    switch global.output {
    case .table: try session.console.print(lines(plan, session))
    case .json, .yaml: try session.answer(.message(plan))
    case .name: try session.console.print(plan.steps.flatMap(\.indexFields))
    }
  }

  /// The error below its place in the filter; nil for one that has no place there.
  private func failure(_ status: GRPCStatus, _ session: Session) -> Failure? {
    guard let text = status.detail(RPCErrorInfo.self)?.metadata["position"], let position = Int(text) else {
      return nil
    }
    var failure = Failure(status, server: session.server)
    failure.details = FilterPointer.lines(filter, at: position) + failure.details
    return failure
  }

  private func lines(_ plan: ExplainFilterResponse, _ session: Session) -> [String] {
    var sheet = Sheet()
    sheet.add("filter", plan.filter.isEmpty ? "everything" : plan.filter)
    for step in plan.steps {
      sheet.add("part", depth: 1, [StyledText(step.expression)])
      sheet.add("index", depth: 2, [StyledText(step.indexFields.joined(separator: ", "))])
      sheet.add("finds", depth: 2, Self.ranges(step).map { StyledText($0) })
      sheet.add("looked up", depth: 2, [StyledText(step.exact ? "" : "in each record that is found")])
    }
    sheet.add("order", Self.words(plan.order))
    sheet.add("scan", plan.scan ? "yes: every record of the kind is looked at" : "no")
    return sheet.lines(width: session.console.width, style: session.console.output.style)
  }

  /// The most ranges that are shown.
  private static let rangeCountMax = 12

  private static func ranges(_ step: ExplainFilterResponse.Step) -> [String] {
    let rest = step.ranges.count - rangeCountMax
    return Array(step.ranges.prefix(rangeCountMax)) + (rest > 0 ? ["and \(rest) more"] : [])
  }

  private static func words(_ order: ExplainFilterResponse.Order) -> String {
    switch order {
    case .name: "by name, as records are kept"
    case .index: "by the index of the field"
    case .sorting: "by sorting all that the filter finds, for each page"
    default: "not known"
    }
  }
}

/// Shows a place in a text.
enum FilterPointer {
  /// How much of the text is shown before the place, and after it.
  private static let columnCountMax = 30

  /// The text around a place, in characters from 0, and a caret below it.
  static func lines(_ text: String, at position: Int) -> [String] {
    // A line break or a tab in the text would move the caret.
    let plain = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isWhitespace ? " " : $0 }))
    let characters = Array(TerminalText.oneLine(plain).unicodeScalars)
    let place = min(max(position, 0), characters.count)
    let start = max(0, place - columnCountMax)
    let end = min(characters.count, place + columnCountMax)
    func part(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(characters[range])) }
    let before = (start > 0 ? "…" : "") + part(start..<place)
    let after = part(place..<end) + (end < characters.count ? "…" : "")
    return [before + after, String(repeating: " ", count: DisplayWidth.of(before)) + "^"]
  }
}
