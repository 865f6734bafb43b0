internal import PlenaryAPI
internal import PlenaryStore

extension OutcomeReport.State {
  /// Whether the content of a report in this state no longer changes.
  var isFixed: Bool { [.approved, .published, .superseded].contains(self) }
}

/// The outcome reports whose content no longer changes, by what they cover.
enum FixedReports {
  /// The most reports on one dialogue or series that are looked at.
  private static let countMax = 1000

  /// One that covers a dialogue: it was compiled from it. One that came by an import, and was never compiled here, covers
  /// what it names, or all of its series if it names nothing. Nil if there is none.
  static func one(covering dialogue: Dialogue, among view: RecordView) async throws(DomainError) -> OutcomeReport? {
    let compiled = try await reports("compiled_dialogues", dialogue.name, among: view)
    if let report = compiled.first(where: { $0.state.isFixed }) { return report }
    let naming = try await reports("dialogues", dialogue.name, among: view)
    if let report = naming.first(where: { $0.state.isFixed }) { return report }
    guard !dialogue.series.isEmpty else { return nil }
    return try await reports("series", dialogue.series, among: view)
      .first { $0.state.isFixed && $0.dialogues.isEmpty && $0.compiledDialogues.isEmpty }
  }

  private static func reports(
    _ path: String, _ name: String, among view: RecordView
  ) async throws(DomainError) -> [OutcomeReport] {
    let entry = IndexEntry(Kind.outcomeReport.index(ofReference: path), .string(name))
    return try await view.records(
      with: entry, limit: countMax, whatFor: "the outcome reports about `\(name)` are looked through"
    ).compactMap { $0.record as? OutcomeReport }
  }
}
