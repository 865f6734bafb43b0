internal import PlenaryAPI
internal import ProtobufRuntime

/// Part E: who was consulted under the directives that ask for it.
struct OutcomeCoverage {
  private let composer: OutcomeComposer
  private var material: OutcomeMaterial { composer.material }

  init(_ composer: OutcomeComposer) { self.composer = composer }

  /// One table for each directive that names stakeholder groups, in the order of Part A.
  func tables() -> [OutcomeContent.CoverageTable] {
    let dialogues = material.events.map(\.dialogue.name)
    return material.mandates.flatMap { material.directives[$0.name] ?? [] }
      .filter { !$0.message.stakeholderGroups.isEmpty }
      .map { directive in
        let consultations = Dictionary(
          grouping: material.consultations[directive.name] ?? [],
          by: { Place(group: $0.message.stakeholderGroup, dialogue: $0.message.dialogue) })
        return .with {
          $0.directive = directive.name
          $0.dialogues = dialogues
          $0.rows = directive.message.stakeholderGroups.map { row($0, dialogues, consultations) }
        }
      }
  }

  private struct Place: Hashable {
    let group: Directive.StakeholderGroup
    let dialogue: String
  }

  private func row(
    _ group: Directive.StakeholderGroup, _ dialogues: [String],
    _ consultations: [Place: [OutcomeMaterial.Found<Consultation>]]
  ) -> OutcomeContent.CoverageRow {
    let discreet = Set(material.events.filter(\.isChathamHouse).map(\.dialogue.name))
    // What was held apart from all dialogues is the last cell.
    let cells = (dialogues + [""]).map { dialogue in
      cell(
        consultations[Place(group: group, dialogue: dialogue)] ?? [], dialogue, isDiscreet: discreet.contains(dialogue))
    }
    return .with {
      $0.stakeholderGroup = group
      $0.cells = cells
      $0.gap = cells.allSatisfy { $0.consultationCount == 0 }
    }
  }

  private func cell(
    _ consultations: [OutcomeMaterial.Found<Consultation>], _ dialogue: String, isDiscreet: Bool
  ) -> OutcomeContent.CoverageCell {
    let organizations = composer.organizations(consultations.flatMap(\.message.organizations))
    return .with {
      $0.consultationCount = Int32(consultations.count)
      if isDiscreet {
        $0.countText = OutcomeComposer.count(organizations.count)
        if !consultations.isEmpty { $0.origins = [.with { $0.name = dialogue }] }
      } else {
        $0.organizations = organizations
        $0.countText = "\(organizations.count)"
        $0.origins = consultations.map(\.origin)
      }
    }
  }
}
