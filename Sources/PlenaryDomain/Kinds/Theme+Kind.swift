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
        Slot.label, .composite(.string(theme.scheme), .string(language), .string(String(label.prefix(200)))),
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
    let ancestors = try await ancestors(of: theme, among: view, &findings)
    for (index, name) in theme.related.enumerated() where name != theme.name {
      var isKin = ancestors.contains(name)
      if !isKin, let related = try await view.relied(on: name, as: Theme.self, &findings) {
        var unheeded = Findings()
        isKin = try await self.ancestors(of: related, among: view, &unheeded).contains(theme.name)
      }
      if isKin {
        findings.add(
          "related.\(index)", .themeRelatedConflict,
          "`\(name)` is above or below the theme in the hierarchy; leave it out of one of the two",
          metadata: ["value": name])
      }
    }
  }

  /// The names of all themes above a theme; a scheme that differs and a way back to the theme are noted.
  private func ancestors(
    of theme: Theme, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> Set<String> {
    var seen: Set<String> = []
    var open = theme.broader.enumerated().map { (index: $0, name: $1, path: [theme.name, $1]) }
    while let (index, name, path) = open.popLast() {
      if name == theme.name {
        findings.add(
          "broader.\(index)", .themeCycle,
          "the broader themes would lead back to the theme: \(path.joined(separator: " → "))",
          metadata: ["path": path.joined(separator: ",")])
      }
      guard name != theme.name, seen.insert(name).inserted,
        let broader = try await view.relied(on: name, as: Theme.self, &findings)
      else { continue }
      if broader.scheme != theme.scheme {
        findings.add(
          "broader.\(index)", .themeSchemeMismatch,
          "`\(name)` is of the scheme `\(broader.scheme)`; a broader theme is of the same scheme, `\(theme.scheme)`",
          metadata: ["value": name, "scheme": broader.scheme])
        continue
      }
      open += broader.broader.map { (index: index, name: $0, path: path + [$0]) }
    }
    return seen
  }
}
