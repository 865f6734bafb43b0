internal import PlenaryAPI
internal import PlenaryStore

/// What the parts of a dialogue that report, such as its working groups, have in common.
enum EventParts {
  /// What a part has brought to light, each of which names the part in `origin`.
  private static let findingType = "plenary.registry/Finding"

  /// A part reports with a text or with a finding.
  ///
  /// - Parameter field: The field of the text.
  static func checkReport(
    _ field: String, _ text: LocalizedText?, _ call: inout TransitionCall, among view: RecordView,
    _ findings: inout Findings
  ) async throws(DomainError) {
    guard text == nil else { return }
    if let finding = try await oneFinding(of: call.name, among: view) {
      return findings.require(.exists(finding), or: .examineAgain)
    }
    call.need(field, "it has no findings; set `\(field)`")
  }

  /// A part on which a fixed report rests stays as it was reported.
  static func checkReopening(
    _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let parent = NamePattern.parent(of: call.name),
      let dialogue = try await view.relied(on: parent, as: Dialogue.self, &findings)
    else { return }
    if let report = try await FixedReports.one(covering: dialogue, among: view) {
      call.need(
        "outcome_report", "`\(report.name)` is \(report.state) and rests on it; write a report that supersedes that",
        of: report.name)
    }
    if let reports = KeyPrefix("outcomeReports/") {
      findings.require(.prefixUnchangedSince(reports, try await view.revision()), or: .examineAgain)
    }
  }

  /// What a part names of the same event is a part of that event.
  ///
  /// - Parameters:
  ///   - name: The name of the other part; empty if none is named.
  ///   - part: The name of the part.
  static func checkSameDialogue(_ field: String, _ name: String, as part: String, _ findings: inout Findings) {
    guard let dialogue = NamePattern.parent(of: part), let other = NamePattern.parent(of: name), other != dialogue
    else { return }
    findings.add(
      field, .referenceType, "`\(name.clipped)` does not lie in `\(dialogue)`; name one of the same dialogue",
      metadata: ["value": name.clipped, "dialogue": dialogue])
  }

  private static func oneFinding(of name: String, among view: RecordView) async throws(DomainError) -> Key? {
    guard let kind = view.kinds.kind(ofType: findingType) else { return nil }
    return try await view.keys(with: IndexEntry(kind.index(ofReference: "origin"), .string(name)), limit: 1).first
  }
}
