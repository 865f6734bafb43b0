internal import PlenaryClient

/// A series with the records that belong to it.
struct SeriesRecords {
  let series: Series
  /// In the order of their ordinals; those without one come last.
  let dialogues: [Dialogue]
  /// The partnerships of the series and of its dialogues, by their subject.
  let partnerships: [String: [Partnership]]

  /// How many subjects are asked about at once.
  private static let callsMax = 16

  init(series: Series, dialogues: [Dialogue], partnerships: [String: [Partnership]]) {
    self.series = series
    self.dialogues = dialogues
    self.partnerships = partnerships
  }

  /// Gets a series and what belongs to it.
  ///
  /// - Throws: the status of a call that failed.
  init(of name: String, in registry: Registry) async throws {
    let client = registry.client
    let options = registry.options
    let moment = registry.moment
    series = try await client.series.get(
      .with {
        $0.name = name
        $0.read(at: moment)
      }, options: options)
    let request = ListDialoguesRequest.with {
      $0.filter = "series = \(Self.quoted(name))"
      $0.orderBy = "ordinal"
      $0.read(at: moment)
    }
    var dialogues: [Dialogue] = []
    for try await dialogue in client.dialogues.list(request, options: options) { dialogues.append(dialogue) }
    self.dialogues = dialogues.filter { $0.ordinal > 0 } + dialogues.filter { $0.ordinal == 0 }
    partnerships = try await Self.partnerships(of: [name] + dialogues.map(\.name), registry)
  }

  private static func partnerships(
    of subjects: [String], _ registry: Registry
  ) async throws -> [String: [Partnership]] {
    var waiting = subjects[...]
    var found: [String: [Partnership]] = [:]
    try await withThrowingTaskGroup(of: (String, [Partnership]).self) { group in
      func ask() {
        guard let subject = waiting.popFirst() else { return }
        group.addTask {
          var partnerships: [Partnership] = []
          let request = ListPartnershipsRequest.with {
            $0.filter = "subject = \(quoted(subject))"
            $0.read(at: registry.moment)
          }
          for try await partnership in registry.client.partnerships.list(request, options: registry.options) {
            partnerships.append(partnership)
          }
          return (subject, partnerships)
        }
      }
      for _ in 0..<callsMax { ask() }
      while let (subject, partnerships) = try await group.next() {
        found[subject] = partnerships
        ask()
      }
    }
    return found
  }

  private static func quoted(_ name: String) -> String { "\"\(name)\"" }

  /// The records that these refer to and that are shown by their titles.
  var references: Set<String> {
    var names = References.names(in: series.withoutCitations)
    for dialogue in dialogues { names.formUnion(dialogue.themes) }
    for partnership in partnerships.values.joined() { names.formUnion(partnership.participants.map(\.organization)) }
    return names
  }

  /// The whole as one document.
  func json() throws(Failure) -> JSONValue {
    var dialogues: [JSONValue] = []
    for dialogue in self.dialogues { dialogues.append(try .message(dialogue)) }
    var partnerships: [JSONValue] = []
    for subject in [series.name] + self.dialogues.map(\.name) {
      for partnership in self.partnerships[subject] ?? [] { partnerships.append(try .message(partnership)) }
    }
    return .object([
      ("series", try .message(series)), ("dialogues", .array(dialogues)), ("partnerships", .array(partnerships)),
    ])
  }
}

extension Series {
  /// The series without its citations, whose sources its page does not show.
  fileprivate var withoutCitations: Series {
    var series = self
    series.citations = []
    return series
  }
}
