internal import PlenaryAPI
internal import ProtobufRuntime

/// What a report should have and its records do not say.
struct OutcomeGaps {
  /// The gaps, by kind and then in the order of the report, with the names of the records.
  let gaps: [OutcomeGap]

  /// The dialogues of the records whose names are not told in the content.
  private let standIns: [String: String]

  init(_ input: OutcomeInput, _ material: OutcomeMaterial) {
    var found: [(OutcomeGap.Kind, String)] = []
    var standIns: [String: String] = [:]
    var themes: [String] = []
    var answered: Set<String> = []
    for event in material.events {
      if material.unconcluded.contains(event.dialogue.name) {
        found.append((.dialogueNotConcluded, event.dialogue.name))
      }
      found += Self.gaps(of: event, input)
      Self.note(event, &themes, &answered)
      guard event.isChathamHouse else { continue }
      for name in event.groups.map(\.name) + event.panels.map(\.name) { standIns[name] = event.dialogue.name }
    }
    var seen: Set<String> = []
    for theme in themes
    where material.themes[theme] != nil && !answered.contains(theme) && seen.insert(theme).inserted {
      found.append((.themeWithoutFindings, theme))
    }
    // The order in which they were found is kept within a kind.
    gaps = found.enumerated().sorted { ($0.element.0.rawValue, $0.offset) < ($1.element.0.rawValue, $1.offset) }.map {
      let (kind, subject) = $0.element
      return .with {
        $0.kind = kind
        $0.subject = subject
        $0.waiveReason = input.waiveReason(kind, subject)
      }
    }
    self.standIns = standIns
  }

  /// The gaps as the content tells of them.
  var told: [OutcomeGap] {
    gaps.map { gap in
      .with {
        $0 = gap
        $0.subject = standIns[gap.subject] ?? gap.subject
      }
    }
  }

  private static func gaps(of event: OutcomeMaterial.Event, _ input: OutcomeInput) -> [(OutcomeGap.Kind, String)] {
    var found: [(OutcomeGap.Kind, String)] = []
    if input.requires(.workingGroupResults) {
      let origins = Set(event.findings.map(\.message.origin))
      found += event.groups.filter { $0.message.resultsSummary == nil && !origins.contains($0.name) }
        .map { (.groupWithoutResults, $0.name) }
    }
    if input.requires(.panelSummaries) {
      if event.panels.isEmpty { found.append((.dialogueWithoutPanels, event.dialogue.name)) }
      found += event.panels.filter { $0.message.summary == nil }.map { (.panelWithoutSummary, $0.name) }
    }
    return found
  }

  /// The themes that a dialogue was about, and those on which something was found.
  private static func note(_ event: OutcomeMaterial.Event, _ themes: inout [String], _ answered: inout Set<String>) {
    themes += event.dialogue.message.themes + event.groups.map(\.message.theme)
    var byOrigin: [String: [String]] = [:]
    for group in event.groups {
      byOrigin[group.name] = [group.message.theme]
      if group.message.resultsSummary != nil { answered.insert(group.message.theme) }
    }
    for panel in event.panels { byOrigin[panel.name] = panel.message.themes }
    for finding in event.findings.map(\.message) {
      answered.formUnion(finding.themes.isEmpty ? byOrigin[finding.origin] ?? [] : finding.themes)
    }
  }
}
