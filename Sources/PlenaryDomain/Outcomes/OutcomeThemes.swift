internal import PlenaryAPI
internal import ProtobufRuntime

/// Part C: results and findings, by theme.
///
/// The themes come in the order in which the dialogues have them. What has several themes stands under each.
struct OutcomeThemes {
  private let composer: OutcomeComposer
  private var material: OutcomeMaterial { composer.material }

  init(_ composer: OutcomeComposer) { self.composer = composer }

  /// The sections.
  func sections() -> [OutcomeContent.ThemeSection] {
    var drafts = Drafts()
    for event in material.events {
      for theme in event.dialogue.message.themes where isKnown(theme) { drafts.note(theme) }
      for group in event.groups where isKnown(group.message.theme) { drafts.note(group.message.theme) }
      for group in event.groups {
        guard let result = result(of: group, event) else { continue }
        drafts.add(result, to: isKnown(group.message.theme) ? group.message.theme : "")
      }
      let themes = themesByOrigin(of: event)
      for finding in event.findings {
        let own = finding.message.themes.filter(isKnown)
        let found = own.isEmpty ? themes[finding.message.origin] ?? [] : own
        let entry = entry(finding, event)
        for theme in found.isEmpty ? [""] : found { drafts.add(entry, finding.message.kind, to: theme) }
      }
    }
    return drafts.inOrder.map { name, draft in
      .with {
        if let theme = material.themes[name] {
          $0.origin = theme.origin
          $0.label = composer.texts.paragraph(theme.message.prefLabel, [theme.origin])
        }
        $0.results = draft.results
        $0.findings = draft.findings.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, entries in
          .with {
            $0.kind = kind
            $0.findings = entries
          }
        }
      }
    }
  }

  private func isKnown(_ theme: String) -> Bool { material.themes[theme] != nil }

  /// The themes of the groups and panels of a dialogue.
  private func themesByOrigin(of event: OutcomeMaterial.Event) -> [String: [String]] {
    var themes: [String: [String]] = [:]
    for group in event.groups { themes[group.name] = [group.message.theme].filter(isKnown) }
    for panel in event.panels { themes[panel.name] = panel.message.themes.filter(isKnown) }
    return themes
  }

  private func result(
    of found: OutcomeMaterial.Found<WorkingGroup>, _ event: OutcomeMaterial.Event
  ) -> OutcomeContent.GroupResult? {
    let group = found.message
    let origin = event.origin(found)
    guard let results = composer.texts.paragraph(group.resultsSummary, [origin]) else { return nil }
    return .with {
      $0.dialogue = event.dialogue.name
      $0.ordinal = group.ordinal
      $0.title = composer.texts.paragraph(group.title, [origin])
      $0.results = results
      $0.origin = origin
      guard !event.isChathamHouse else { return }
      $0.chair = composer.person(group.chair)
      $0.rapporteur = composer.person(group.rapporteur)
      $0.memberOrganizations = composer.organizations(group.memberOrganizations)
    }
  }

  private func entry(
    _ found: OutcomeMaterial.Found<Finding>, _ event: OutcomeMaterial.Event
  ) -> OutcomeContent.FindingEntry {
    .with {
      $0.dialogue = event.dialogue.name
      $0.text = composer.texts.paragraph(found.message.text, [event.origin(found)])
      if !event.isChathamHouse { $0.contributor = composer.organization(found.message.contributor) }
    }
  }

  /// Sections in the making, in the order in which their themes were met; what has no theme is under the empty name, last.
  private struct Drafts {
    struct Draft {
      var results: [OutcomeContent.GroupResult] = []
      var findings: [Finding.Kind: [OutcomeContent.FindingEntry]] = [:]
    }

    private var order: [String] = []
    private var drafts: [String: Draft] = [:]

    mutating func note(_ theme: String) {
      guard drafts[theme] == nil else { return }
      drafts[theme] = Draft()
      order.append(theme)
    }

    mutating func add(_ result: OutcomeContent.GroupResult, to theme: String) {
      note(theme)
      drafts[theme]?.results.append(result)
    }

    mutating func add(_ entry: OutcomeContent.FindingEntry, _ kind: Finding.Kind, to theme: String) {
      note(theme)
      drafts[theme]?.findings[kind, default: []].append(entry)
    }

    var inOrder: [(name: String, draft: Draft)] {
      (order.filter { !$0.isEmpty } + order.filter(\.isEmpty)).compactMap { name in drafts[name].map { (name, $0) } }
    }
  }
}
