internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// Reports on series.
  static let outcomeReport = Kind(
    OutcomeReportRules(), states: StateMachine(first: OutcomeReport.State.draft), indexed: ["state", "required_parts"])

  /// The slot of the entries by which a report whose content is fixed holds on to the dialogues it covers.
  static let coveredByFixedReport: UInt32 = 1
}

private struct OutcomeReportRules: KindRules {
  func check(_ report: OutcomeReport, replacing previous: OutcomeReport?, _ findings: inout Findings) {
    guard let previous, previous.state.isFixed, report != previous else { return }
    findings.add(
      "name", .contentFrozen,
      "the report is \(previous.state) and no longer changes; write a new one that supersedes it",
      metadata: ["state": previous.state.description])
  }

  func checkDeletion(_ report: OutcomeReport, _ findings: inout Findings) {
    guard [.published, .superseded].contains(report.state) else { return }
    findings.add(
      "name", .contentFrozen, "the report is \(report.state) and stays; write a new one that supersedes it",
      metadata: ["state": report.state.description])
  }

  func derivedEntries(_ report: OutcomeReport) -> [DerivedEntry] {
    guard report.state.isFixed else { return [] }
    return report.dialogues.map { .shared(Kind.coveredByFixedReport, .string($0)) }
  }
}
