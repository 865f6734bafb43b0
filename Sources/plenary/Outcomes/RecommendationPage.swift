internal import PlenaryClient
internal import ProtobufRuntime

/// A recommendation with what it took the place of, what took its place, and what became of it.
struct RecommendationRecords {
  /// The most records of one line of recommendations that replaced each other.
  private static let lineCountMax = 50

  let recommendation: Recommendation
  /// What it took the place of, the nearest first.
  private(set) var replaced: [Recommendation] = []
  /// What took its place, the nearest first.
  private(set) var successors: [Recommendation] = []
  let followUps: [FollowUp]
  /// Those of all of them that are overdue.
  let overdue: Set<String>

  /// Asks the registry for them.
  init(of name: String, in registry: Registry) async throws {
    let kind = try registry.kinds.kind("recommendation")
    guard let found = try await registry.get(name, of: kind) as? Recommendation else {
      preconditionFailure("\(name) is a recommendation")
    }
    recommendation = found
    var names: Set = [name]
    var next = found.successor
    while !next.isEmpty, names.count < Self.lineCountMax, names.insert(next).inserted {
      guard let successor = try await Self.successor(next, kind, registry) else { break }
      successors.append(successor)
      next = successor.successor
    }
    var waiting = [name]
    while let later = waiting.popLast(), names.count < Self.lineCountMax {
      let query = ListQuery(filter: "successor = \"\(later)\"", limit: Self.lineCountMax - names.count)
      for case let earlier as Recommendation in try await registry.all(kind, query)
      where names.insert(earlier.name).inserted {
        replaced.append(earlier)
        waiting.append(earlier.name)
      }
    }
    let query = ListQuery(parent: name, orderBy: "create_time")
    followUps = try await registry.all(try registry.kinds.kind("follow-up"), query).compactMap { $0 as? FollowUp }
    overdue = try await registry.overdue(among: names.sorted().map { "name = \"\($0)\"" }.joined(separator: " OR "))
  }

  private static func successor(_ name: String, _ kind: Kind, _ registry: Registry) async throws -> Recommendation? {
    do throws(GRPCStatus) {
      return try await registry.get(name, of: kind) as? Recommendation
    } catch  where error.code == .notFound {
      return nil
    }
  }

  /// What it refers to.
  var references: Set<String> { References.names(in: recommendation) }

  /// For programs.
  func json() throws(Failure) -> JSONValue {
    func messages(_ records: [any ProtobufMessage]) throws(Failure) -> JSONValue {
      var values: [JSONValue] = []
      for record in records { values.append(try .message(record)) }
      return .array(values)
    }
    return .object([
      ("recommendation", try .message(recommendation)), ("overdue", .bool(overdue.contains(recommendation.name))),
      ("successors", try messages(successors)), ("replaced", try messages(replaced)),
      ("followUps", try messages(followUps)),
    ])
  }
}

extension Registry {
  /// The names of the recommendations that are overdue by the day of the daemon, among those that a filter selects.
  func overdue(among filter: String) async throws -> Set<String> {
    let condition = filter.isEmpty ? "overdue = true" : "(\(filter)) AND overdue = true"
    let records = try await all(try kinds.kind("recommendation"), ListQuery(filter: condition, paths: ["name"]))
    return Set(records.map(\.name))
  }
}

/// A recommendation for people.
struct RecommendationPage {
  let records: RecommendationRecords
  let titles: [String: RecordTitle]
  let language: String

  /// The lines, made to fit into `width` cells if there is a limit.
  func lines(width: Int?, style: TextStyle) -> [String] {
    let advice = records.recommendation
    var head = StyledText(words(advice.text), .bold)
    head.addAside(advice.name)
    return head.lines(width: width, style: style) + [""] + sheet(advice).lines(width: width, style: style)
  }

  private func sheet(_ advice: Recommendation) -> Sheet {
    var sheet = Sheet()
    sheet.add("state", EnumWords.words(advice.state.description))
    sheet.add("addressee", [title(advice.addressee)])
    if advice.priority != .unspecified { sheet.add("priority", EnumWords.words(advice.priority.description)) }
    if let due = advice.dueDate {
      sheet.add("due", CivilDate(due).words + (records.overdue.contains(advice.name) ? ", overdue" : ""))
    }
    if !advice.directive.isEmpty { sheet.add("directive", [title(advice.directive)]) }
    let grounds = advice.findings + (advice.dialogue.isEmpty ? [] : [advice.dialogue])
    sheet.add("rests on", grounds.map { title($0, lead: StyledText.bullet) })
    sheet.add("response", words(advice.response))
    sheet.add("took the place of", records.replaced.map(line))
    sheet.add("superseded by", records.successors.map(line))
    sheet.add("follow-ups", records.followUps.isEmpty ? [StyledText("none")] : records.followUps.map(line))
    return sheet
  }

  /// Another recommendation of the line.
  private func line(_ advice: Recommendation) -> StyledText {
    var line = StyledText(words(advice.text), lead: StyledText.bullet)
    line.addAside(advice.name)
    let overdue = records.overdue.contains(advice.name) ? ", overdue" : ""
    line.addAside(EnumWords.words(advice.state.description) + overdue)
    return line
  }

  private func line(_ followUp: FollowUp) -> StyledText {
    let percent = followUp.progressPercent.map { "\($0) %" } ?? ""
    let text = [percent, words(followUp.note), followUp.evidenceURL].filter { !$0.isEmpty }.joined(separator: " ")
    var line = StyledText(text, lead: StyledText.bullet)
    line.addAside([followUp.createTime.map { PointInTime.words($0) } ?? "", followUp.author].joined(separator: " "))
    return line
  }

  private func words(_ text: LocalizedText?) -> String { text.map { LocalizedWords.words($0, language) } ?? "" }

  private func title(_ name: String) -> StyledText { title(name, lead: "") }

  private func title(_ name: String, lead: String) -> StyledText {
    guard let title = titles[name] else { return StyledText(name, lead: lead) }
    var text = StyledText(title.full, lead: lead)
    text.addAside(name)
    return text
  }
}
