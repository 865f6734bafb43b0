internal import PlenaryAPI
internal import ProtobufRuntime

/// Part E: who was consulted under the directives that ask for it, as `CoverageTable` has it.
struct OutcomeCoverage {
  private let composer: OutcomeComposer
  /// The dialogues at which nobody is named.
  private let discreet: Set<String>
  private var material: OutcomeMaterial { composer.material }

  init(_ composer: OutcomeComposer) {
    self.composer = composer
    discreet = Set(composer.material.events.filter(\.isChathamHouse).map(\.dialogue.name))
  }

  /// One table for each directive that names stakeholder groups, in the order of Part A.
  func tables() -> [OutcomeContent.CoverageTable] {
    material.mandates.flatMap { material.directives[$0.name] ?? [] }
      .filter { !$0.message.stakeholderGroups.isEmpty }.map(table)
  }

  private func table(_ directive: OutcomeMaterial.Found<Directive>) -> OutcomeContent.CoverageTable {
    let found = material.consultations[directive.name] ?? []
    let dialogues = material.events.map { event in
      Dialogue.with {
        $0 = event.dialogue.message
        if event.isChathamHouse { $0.attributionRule = .chathamHouse }
      }
    }
    let coverage = CoverageTable(
      directive.message, dialogues: dialogues, consultations: found.map(\.message),
      told: { !composer.organization($0).isEmpty }
    ).coverage
    let origins = found.reduce(into: [:]) { $0[$1.name] = $1.origin }
    let columns = coverage.columns.map(\.dialogue)
    return .with {
      $0.directive = directive.name
      $0.dialogues = material.events.map(\.dialogue.name)
      $0.rows = coverage.rows.map { row in
        let cells = zip(columns, row.cells).reduce(into: [:]) { $0[$1.0] = $1.1 }
        return .with {
          $0.stakeholderGroup = row.stakeholderGroup
          // What was held apart from all dialogues is the last cell.
          $0.cells = (material.events.map(\.dialogue.name) + [""]).map { cell(cells[$0], $0, origins) }
          $0.gap = row.gap
        }
      }
    }
  }

  private func cell(
    _ cell: ConsultationCoverage.Cell?, _ dialogue: String, _ origins: [String: OutcomeContent.Origin]
  ) -> OutcomeContent.CoverageCell {
    .with {
      guard let cell else {
        $0.countText = OutcomeComposer.count(0)
        return
      }
      $0.consultationCount = cell.consultationCount
      $0.organizations = cell.organizations
      let limit = cell.organizationCountLimit
      $0.countText = limit > 0 ? "fewer than \(limit)" : "\(cell.organizationCount ?? 0)"
      if !discreet.contains(dialogue) {
        $0.origins = cell.consultations.compactMap { origins[$0] }
      } else if cell.consultationCount > 0 {
        $0.origins = [.with { $0.name = dialogue }]
      }
    }
  }
}
