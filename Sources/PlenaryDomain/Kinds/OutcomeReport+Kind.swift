internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// Reports on series:
  ///
  ///     DRAFT, COMPILED ─Compile→ COMPILED ─Submit→ IN_REVIEW ─Return→ COMPILED
  ///     IN_REVIEW ─Approve→ APPROVED ─Publish→ PUBLISHED ─Supersede→ SUPERSEDED
  ///
  /// A report that is COMPILED becomes a DRAFT again when what it asks for changes.
  static let outcomeReport = Kind(
    OutcomeReportRules(),
    states: StateMachine(
      first: OutcomeReport.State.draft,
      [
        Transition("Compile", from: [.draft, .compiled], to: .compiled).byOperation,
        Transition("Submit", from: [.compiled], to: .inReview, requiring: OutcomeReportRules.checkSubmission),
        Transition("Return", from: [.inReview], to: .compiled),
        Transition("Approve", from: [.inReview], to: .approved, requiring: OutcomeReportRules.checkApproval)
          .signing("approver"),
        Transition("Publish", from: [.approved], to: .published),
        Transition(
          "Supersede", from: [.published], to: .superseded, sets: ["successor"],
          requiring: OutcomeReportRules.checkSuccessor),
      ]),
    indexed: ["state", "required_parts"], givenByImports: ["successor"])

  /// The slot of the entries by which a report whose content is fixed holds on to the dialogues it covers.
  static let coveredByFixedReport: UInt32 = 1
}

private struct OutcomeReportRules: KindRules {
  /// The most languages of a report.
  static let languageCountMax = 16

  func keep(_ report: inout OutcomeReport, replacing previous: OutcomeReport) {
    guard previous.state == .compiled, !report.asks(forTheSameAs: previous) else { return }
    report.dropContent()
    if report.state == .compiled { report.state = .draft }
  }

  func check(_ report: OutcomeReport, replacing previous: OutcomeReport?, _ findings: inout Findings) {
    if report.languageCodes.count > Self.languageCountMax {
      findings.add(
        "language_codes", .listTooLong,
        "it has \(report.languageCodes.count) entries; a report has at most \(Self.languageCountMax) languages",
        metadata: ["max": "\(Self.languageCountMax)"])
    }
    guard let previous else { return }
    if previous.state.isFixed, report.apartFromStep(after: previous) != previous {
      findings.add(
        "name", .contentFrozen,
        "the report is \(previous.state) and no longer changes; write a new one that supersedes it",
        metadata: ["state": previous.state.description])
    }
    if previous.state == .inReview, report.state == .inReview, !report.asks(forTheSameAs: previous) {
      findings.add(
        "name", .contentFrozen,
        "the report is IN_REVIEW, and what it asks for does not change meanwhile; return it to those who write it first",
        metadata: ["state": previous.state.description])
    }
  }

  func checkDeletion(_ report: OutcomeReport, _ findings: inout Findings) {
    guard [.published, .superseded].contains(report.state) else { return }
    findings.add(
      "name", .contentFrozen, "the report is \(report.state) and stays; write a new one that supersedes it",
      metadata: ["state": report.state.description])
  }

  func derivedEntries(_ report: OutcomeReport) -> [DerivedEntry] {
    guard report.state.isFixed else { return [] }
    return Set(report.dialogues + report.compiledDialogues).map { .shared(Kind.coveredByFixedReport, .string($0)) }
  }

  /// What is reviewed can still be made again.
  static func checkSubmission(
    _ report: OutcomeReport, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    if let basis = view.keptRevision(report.inputRevision), try await view.oldestRevision() <= basis { return }
    call.need(
      "input_revision", "the history that it was compiled from is no longer kept; compile it again")
  }

  /// Whoever approves a report is not who has compiled it, and nothing is missing that was not waived.
  static func checkApproval(
    _ report: OutcomeReport, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    if report.contentDigest.isEmpty {
      call.need("content_digest", "it was not compiled here, but entered as it was; return it, and compile it")
    }
    let missing = report.gaps.filter(\.waiveReason.isEmpty)
    if let first = missing.first {
      let names = missing.prefix(gapsToldMax).map { "\($0.kind) \($0.subject)" }.joined(separator: ",")
      findings.add(
        "gaps", .reportIncomplete,
        "\(missing.count) gaps are not waived, such as \(first.kind) of `\(first.subject)`; fill them, or say in `waivers` "
          + "why the report is complete without, and compile it again",
        metadata: ["gaps": names, "count": "\(missing.count)"])
    }
    // A daemon that asks for no identities has nobody to tell from each other.
    if !view.rights.isUnbounded, view.principal == report.compiler {
      findings.add(
        "compiler", .fourEyes, "whoever has compiled a report does not approve it too; have another client do it",
        metadata: ["compiler": report.compiler])
    }
  }

  /// The most gaps that a refusal names.
  private static let gapsToldMax = 20

  /// What takes the place of a report stands, and says so itself.
  static func checkSuccessor(
    _ report: OutcomeReport, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    // One that does not exist is found when the references are checked.
    guard let successor = try await view.relied(on: report.successor, as: OutcomeReport.self, &findings) else { return }
    if successor.supersedes != report.name {
      call.need(
        "successor", "`\(successor.name)` does not say in `supersedes` that it takes the place of this one",
        of: successor.name)
    } else if ![.approved, .published].contains(successor.state) {
      call.need("successor", "`\(successor.name)` is \(successor.state); have it approved first", of: successor.name)
    }
  }
}

extension OutcomeReport {
  /// Whether it asks for the same content as another version of it.
  func asks(forTheSameAs other: OutcomeReport) -> Bool {
    title == other.title && dialogues == other.dialogues && requiredParts == other.requiredParts
      && ceilingLabel == other.ceilingLabel && languageCodes == other.languageCodes && waivers == other.waivers
      && audience == other.audience
  }

  /// Whom the marking that is in effect lets in.
  private var audience: Audience {
    var findings = Findings()
    let effective = MarkingRules.effective(
      given: marking, previous: nil, parent: nil, default: .green, followsWhatIsAlike: false, &findings)
    return Audience(effective, originator: originatingOrganization)
  }

  /// Takes out what compiling has put in.
  mutating func dropContent() {
    inputRevision = ""
    compileRevision = ""
    contentDigest = ""
    gaps = []
    withheldCount = 0
    templateVersion = 0
    highestLabel = .unspecified
    compiler = ""
    compileTime = nil
    redactions = []
    compiledDialogues = []
  }

  /// The report as it would be without the step from one fixed state to the next.
  fileprivate func apartFromStep(after previous: OutcomeReport) -> OutcomeReport {
    guard [(.approved, .published), (.published, .superseded)].contains(where: { $0 == (previous.state, state) }) else {
      return self
    }
    var report = self
    report.state = previous.state
    report.successor = previous.successor
    return report
  }
}
