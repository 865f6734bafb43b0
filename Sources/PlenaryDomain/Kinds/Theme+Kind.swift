internal import PlenaryAPI
internal import PlenaryStore

extension Kind {
  /// Concepts of vocabularies.
  static let theme = Kind(
    ThemeRules(), firstState: Theme.State.active, defaultLabel: .clear, indexed: ["scheme", "notation", "state"])
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
