internal import PlenaryAPI
internal import PlenaryStore

/// The series that recommendations are about: what one of them rests on lies in a single one.
enum AdviceSeries {
  /// The most recommendations from one dialogue that are looked at when it is moved to another series.
  private static let recommendationCountMax = 1000

  /// Something that a recommendation rests on and that is not of the same series as what stands before it.
  struct Stranger {
    let field: String
    let name: String
    let series: String
  }

  /// The dialogue that a finding was made at, or the dialogue itself.
  static func dialogue(of ground: String) -> String { NamePattern.parent(of: ground) ?? ground }

  /// The first of the grounds of a recommendation that is of another series; nil if there is none. What is deleted or
  /// missing is of none.
  static func stranger(
    in recommendation: Recommendation, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> Stranger? {
    var grounds = recommendation.findings.enumerated().map { ("findings.\($0)", $1) }
    if !recommendation.dialogue.isEmpty { grounds.append(("dialogue", recommendation.dialogue)) }
    var first: String?
    for (field, name) in grounds {
      guard let dialogue = try await view.relied(on: Self.dialogue(of: name), as: Dialogue.self, &findings) else {
        continue
      }
      // A dialogue without a series is like one of its own.
      let series = dialogue.series.isEmpty ? dialogue.name : dialogue.series
      if let first, first != series { return Stranger(field: field, name: name, series: first) }
      first = series
    }
    return nil
  }

  /// A dialogue is not moved away from the series that a recommendation is about.
  static func checkMove(
    of dialogue: Dialogue, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let recommendations = try await view.records(
      with: IndexEntry(Kind.recommendation.derivedIndex(Kind.dialogueOfAdvice), .string(dialogue.name)),
      limit: recommendationCountMax, whatFor: "the recommendations from `\(dialogue.name)` must keep to one series")
    for case (_, let recommendation as Recommendation) in recommendations {
      guard try await stranger(in: recommendation, among: view, &findings) != nil else { continue }
      findings.add(
        "series", .findingsMixedSeries,
        "`\(recommendation.name)` rests on findings of several dialogues, which then would not be of one series; change "
          + "that first", metadata: ["recommendation": recommendation.name])
    }
    // A new recommendation would be examined against the dialogue as it was.
    if let scope = KeyPrefix("recommendations/") {
      findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
    }
  }
}
