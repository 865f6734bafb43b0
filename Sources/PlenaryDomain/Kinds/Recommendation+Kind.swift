internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// What organizations are advised to do:
  ///
  ///     DRAFT ─Submit→ SUBMITTED ─Accept, AcceptPartially, Reject→ ACCEPTED, PARTIALLY_ACCEPTED, REJECTED
  ///     ACCEPTED, PARTIALLY_ACCEPTED ─Begin→ IMPLEMENTING ─Complete→ IMPLEMENTED
  ///     any before IMPLEMENTED ─Withdraw→ WITHDRAWN
  ///     any that was submitted and stands ─Supersede→ SUPERSEDED
  static let recommendation = Kind(
    RecommendationRules(),
    states: StateMachine(
      first: Recommendation.State.draft,
      [
        Transition("Submit", from: [.draft], to: .submitted, requiring: RecommendationRules.checkSubmission),
        Transition("Accept", from: [.submitted], to: .accepted, sets: ["response"]),
        Transition("AcceptPartially", from: [.submitted], to: .partiallyAccepted, sets: ["response"]),
        Transition("Reject", from: [.submitted], to: .rejected, sets: ["response"]),
        Transition("Begin", from: [.accepted, .partiallyAccepted], to: .implementing),
        Transition("Complete", from: [.implementing], to: .implemented),
        Transition(
          "Withdraw", from: [.draft, .submitted, .accepted, .partiallyAccepted, .implementing], to: .withdrawn),
        Transition(
          "Supersede",
          from: [.submitted, .accepted, .partiallyAccepted, .rejected, .implementing, .implemented], to: .superseded,
          sets: ["successor"], requiring: RecommendationRules.checkSuccessor),
      ]),
    indexed: ["priority", "due_date", "state"], conditions: [.overdue], givenByImports: ["response", "successor"],
    deletion: .blocked(by: [.field("successor", of: "Recommendation")]))

  /// The slot of the entries by which a recommendation that is neither a draft nor withdrawn holds on to the findings
  /// and the dialogue that it rests on.
  static let groundOfStandingAdvice: UInt32 = 1

  /// The slot of the entries that name the dialogues that a recommendation comes from, directly or by its findings.
  static let dialogueOfAdvice: UInt32 = 2
}

extension ComputedCondition {
  /// Advice that was given, is neither settled nor replaced, and was to be followed by a day that has passed.
  fileprivate static let overdue = ComputedCondition("overdue") { today in
    let open = ["SUBMITTED", "ACCEPTED", "PARTIALLY_ACCEPTED", "IMPLEMENTING"].map { "state = \($0)" }
    return "due_date < \(today) AND (\(open.joined(separator: " OR ")))"
  }
}

private struct RecommendationRules: KindRules {
  func check(_ recommendation: Recommendation, replacing previous: Recommendation?, _ findings: inout Findings) {
    if recommendation.findings.isEmpty, recommendation.dialogue.isEmpty {
      findings.add(
        "findings", .fieldRequired, "a recommendation rests on findings, or names the `dialogue` it comes from")
    }
    guard let previous, previous.state != .draft else { return }
    let frozen: [(field: String, hasChanged: Bool)] = [
      ("text", recommendation.text != previous.text), ("findings", recommendation.findings != previous.findings),
      ("dialogue", recommendation.dialogue != previous.dialogue),
      ("directive", recommendation.directive != previous.directive),
      ("addressee", recommendation.addressee != previous.addressee),
    ]
    for (field, hasChanged) in frozen where hasChanged {
      findings.add(
        field, .contentFrozen,
        "the recommendation is \(previous.state) and this no longer changes; write a new one that supersedes it",
        metadata: ["state": previous.state.description])
    }
  }

  func checkRelations(
    _ recommendation: Recommendation, replacing previous: Recommendation?, among view: RecordView,
    _ findings: inout Findings
  ) async throws(DomainError) {
    guard recommendation.findings != previous?.findings || recommendation.dialogue != previous?.dialogue else { return }
    guard let stranger = try await AdviceSeries.stranger(in: recommendation, among: view, &findings) else { return }
    findings.add(
      stranger.field, .findingsMixedSeries,
      "`\(stranger.name)` is not of the same series as the rest, `\(stranger.series)`; write a recommendation for each "
        + "series", metadata: ["value": stranger.name, "series": stranger.series])
  }

  func checkDeletion(_ recommendation: Recommendation, _ findings: inout Findings) {
    guard recommendation.state != .draft else { return }
    findings.add(
      "name", .contentFrozen, "the recommendation is \(recommendation.state) and stays; withdraw it instead",
      metadata: ["state": recommendation.state.description])
  }

  func derivedEntries(_ recommendation: Recommendation) -> [DerivedEntry] {
    let grounds = recommendation.findings + (recommendation.dialogue.isEmpty ? [] : [recommendation.dialogue])
    let stands = ![.draft, .withdrawn].contains(recommendation.state)
    return (stands ? grounds.map { .shared(Kind.groundOfStandingAdvice, .string($0)) } : [])
      + Set(grounds.map(AdviceSeries.dialogue)).map { .shared(Kind.dialogueOfAdvice, .string($0)) }
  }

  /// What advice is given on is still there when it is given.
  static func checkSubmission(
    _ recommendation: Recommendation, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let grounds =
      recommendation.findings.map { ("findings", $0) } + [
        ("dialogue", recommendation.dialogue), ("directive", recommendation.directive),
        ("addressee", recommendation.addressee),
      ]
    for (field, name) in grounds {
      guard let key = Key(name) else { continue }
      if case .live = try await view.standing(of: name) {
        findings.require(.exists(key), or: .examineAgain)
      } else {
        call.need(field, "`\(name)` is deleted; take it out of `\(field)`", of: name)
      }
    }
  }

  /// What takes the place of a recommendation stands itself, so that nobody is led in a circle or to nothing.
  static func checkSuccessor(
    _ recommendation: Recommendation, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard recommendation.successor != recommendation.name else {
      return call.need("successor", "a recommendation does not supersede itself; name another")
    }
    // One that does not exist is found when the references are checked.
    guard let successor = try await view.relied(on: recommendation.successor, as: Recommendation.self, &findings),
      [.withdrawn, .rejected, .superseded].contains(successor.state)
    else { return }
    call.need(
      "successor", "`\(successor.name)` is \(successor.state) itself; name one that stands", of: successor.name)
  }
}
