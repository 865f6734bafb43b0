internal import PlenaryAPI
internal import PlenaryStore

extension Kind {
  /// Concepts of vocabularies: ACTIVE ⇄ DEPRECATED.
  static let theme = Kind(
    ThemeRules(),
    states: StateMachine(
      first: Theme.State.active,
      [
        Transition(
          "Deprecate", from: [.active], to: .deprecated, sets: ["replaced_by"],
          requiring: ThemeRules.checkReplacement),
        Transition("Reactivate", from: [.deprecated], to: .active, clears: ["replaced_by"]),
      ]),
    defaultLabel: .clear, indexed: ["scheme", "notation", "state"])
}

private struct ThemeRules: KindRules {
  /// Slots of derived entries.
  private enum Slot {
    static let label: UInt32 = 1
  }

  func check(_ theme: Theme, replacing previous: Theme?, _ findings: inout Findings) {
    for (index, label) in theme.altLabels.enumerated() where theme.prefLabel?.values[label.language] == label.value {
      findings.add(
        "alt_labels.\(index)", .labelConflict, "it is the preferred label of the language `\(label.language)`",
        metadata: ["label": label.value.clipped, "language": label.language])
    }
    checkAddresses(theme.exactMatches, of: "exact_matches", &findings)
    checkAddresses(theme.closeMatches, of: "close_matches", &findings)
  }

  /// Who used the theme is told what to use instead, or why there is nothing.
  static func checkReplacement(
    _ theme: Theme, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard !theme.replacedBy.isEmpty else {
      if call.reason.isEmpty { call.need("replaced_by", "name the theme to use instead, or give a `reason`") }
      return
    }
    guard theme.replacedBy != theme.name else {
      return call.need("replaced_by", "a theme does not replace itself; name another")
    }
    // One that does not exist is found when the references are checked.
    guard let replacement = try await view.relied(on: theme.replacedBy, as: Theme.self, &findings),
      replacement.state != .active
    else { return }
    call.need(
      "replaced_by", "`\(replacement.name)` is \(replacement.state) itself; name an ACTIVE theme",
      of: replacement.name)
  }

  private func checkAddresses(_ addresses: [String], of field: String, _ findings: inout Findings) {
    for (index, address) in addresses.enumerated() where !WebAddress.isValid(address) {
      findings.add(
        "\(field).\(index)", .urlInvalid, "`\(address.clipped)` is not \(WebAddress.rule)",
        metadata: ["value": address.clipped])
    }
  }

  /// A label belongs to one theme of a scheme in each language.
  func derivedEntries(_ theme: Theme) -> [DerivedEntry] {
    (theme.prefLabel?.values ?? [:]).sorted { $0.key < $1.key }.map { language, label in
      .unique(
        Slot.label, .composite(.string(theme.scheme), .string(language), .string(label.beginning(200))),
        taken: .init(
          "pref_label.values.\(language)", .labelConflict,
          "another theme of the scheme `\(theme.scheme)` has this label; choose another label or use that theme",
          metadata: ["label": label.clipped, "language": language, "scheme": theme.scheme]))
    }
  }

  func checkRelations(
    _ theme: Theme, replacing previous: Theme?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard theme.broader != previous?.broader || theme.related != previous?.related else { return }
    try await ThemeRelations(theme, previous, view).check(&findings)
  }
}
