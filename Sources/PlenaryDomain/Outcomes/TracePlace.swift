internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What a record is in the chain from mandates to follow-ups: its step, and what of it leads on. Its texts are left out.
struct TracePlace {
  /// Its name.
  let name: String

  /// Its step.
  let step: ResourceTrace.Step

  /// Its state; empty for kinds without states.
  private(set) var state = ""

  /// The records that it names as what it comes from.
  private(set) var origins: [String] = []

  /// The mandates that it names.
  private(set) var mandates: [String] = []

  /// What has taken its place.
  private(set) var successor = ""

  /// The steps that have to follow it besides the next one: those that a directive asks for.
  private(set) var wanted: [ResourceTrace.Step] = []

  /// The kinds that have a place in the chain.
  static let kinds: [Kind] = [
    .mandate, .directive, .series, .dialogue, .workingGroup, .panel, .finding, .consultation, .recommendation,
    .followUp,
  ]

  /// The place of a record; nil if it has none.
  init?(_ message: any ProtobufMessage) {
    name = message.resourceName
    let parent = NamePattern.parent(of: name)
    switch message {
    case is Mandate: step = .mandate
    case let directive as Directive:
      step = .directive
      origins = [parent].compactMap(\.self)
      if !directive.stakeholderGroups.isEmpty { wanted.append(.consultation) }
      if !directive.advisee.isEmpty { wanted.append(.recommendation) }
    case let series as Series:
      (step, state, mandates) = (.series, series.state.description, series.mandates)
    case let dialogue as Dialogue:
      (step, state, mandates) = (.dialogue, dialogue.state.description, dialogue.mandates)
      origins = Self.given([dialogue.series])
    case let group as WorkingGroup:
      (step, state, origins) = (.groupOrPanel, group.state.description, Self.given([parent]))
    case let panel as Panel: (step, state, origins) = (.groupOrPanel, panel.state.description, Self.given([parent]))
    case let finding as Finding: (step, origins) = (.finding, Self.given([finding.origin]))
    case let consultation as Consultation:
      (step, state) = (.consultation, consultation.state.description)
      origins = Self.given([consultation.directive, consultation.dialogue])
    case let advice as Recommendation:
      (step, state, successor) = (.recommendation, advice.state.description, advice.successor)
      origins = Self.given(advice.findings + [advice.dialogue, advice.directive])
      if ![.draft, .rejected, .withdrawn, .superseded].contains(advice.state) { wanted = [.followUp] }
    case is FollowUp: (step, origins) = (.followUp, Self.given([parent]))
    default: return nil
    }
  }

  private static func given(_ names: [String?]) -> [String] {
    var seen: Set<String> = []
    return names.compactMap(\.self).filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// A step that is missed, and the steps of which any fills its place.
  typealias Want = (missing: ResourceTrace.Step, filledBy: Set<ResourceTrace.Step>)

  /// The steps that have to lead to it.
  var wantedBefore: [Want] {
    switch step {
    case .dialogue: [(.mandate, [.series, .directive, .mandate])]
    case .series: [(.mandate, [.directive, .mandate])]
    case .recommendation: [(.directive, [.directive]), (.finding, [.finding])]
    default: []
    }
  }

  /// The steps that have to follow it.
  var wantedAfter: [Want] {
    let next: Want? =
      switch step {
      case .mandate: (.directive, [.directive])
      case .directive: (.dialogue, [.series, .dialogue])
      case .series: (.dialogue, [.dialogue])
      case .dialogue: (.groupOrPanel, [.groupOrPanel])
      case .groupOrPanel: (.finding, [.finding])
      case .finding: (.recommendation, [.recommendation])
      default: nil
      }
    return (next.map { [$0] } ?? []) + wanted.map { ($0, [$0]) }
  }
}
