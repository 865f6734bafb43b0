internal import GoogleAPI
package import PlenaryAPI
internal import ProtobufRuntime

/// Who was consulted under a directive, worked out from the records that a reader sees.
///
/// It is a pure function of them: the same records give the same table, in whatever order they come.
package struct CoverageTable {
  /// The fewest organizations whose number is told where nobody may be named (the Chatham House Rule).
  package static let toldCountMin = 3

  private let directive: Directive
  private let dialogues: [Dialogue]
  private let consultations: [Consultation]
  private let told: (String) -> Bool

  /// A table of a directive, dialogues and consultations.
  ///
  /// - Parameters:
  ///   - dialogues: The columns, in any order.
  ///   - consultations: Those under the directive, in any order. One at a dialogue that is no column is left out.
  ///   - told: Whether an organization that was consulted is one that the reader may know of.
  package init(
    _ directive: Directive, dialogues: [Dialogue], consultations: [Consultation],
    told: @escaping (_ organization: String) -> Bool = { _ in true }
  ) {
    self.directive = directive
    self.dialogues = dialogues.sorted { Self.order($0) < Self.order($1) }
    self.consultations = consultations.sorted {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }
    self.told = told
  }

  /// The table.
  package var coverage: ConsultationCoverage {
    let columns = dialogues.map { dialogue in
      ConsultationCoverage.Column.with {
        ($0.dialogue, $0.attributionWithheld) = (dialogue.name, dialogue.attributionRule == .chathamHouse)
      }
    }
    let isOutside = consultations.contains { $0.dialogue.isEmpty }
    let all = columns + (isOutside ? [ConsultationCoverage.Column()] : [])
    let known = Set(all.map(\.dialogue))
    let counted = consultations.filter { known.contains($0.dialogue) }
    let rows = groups(counted).map { row($0.group, requested: $0.isRequested, all, counted) }
    return .with {
      $0.directive = directive.name
      $0.columns = all
      $0.rows = rows
      $0.gaps = rows.filter(\.gap).map(\.stakeholderGroup)
    }
  }

  /// The groups that the directive asks for, then those that were consulted all the same.
  private func groups(_ counted: [Consultation]) -> [(group: Directive.StakeholderGroup, isRequested: Bool)] {
    var seen: Set<Directive.StakeholderGroup> = []
    let requested = directive.stakeholderGroups.filter { seen.insert($0).inserted }
    let others = counted.map(\.stakeholderGroup).sorted { $0.rawValue < $1.rawValue }
      .filter { seen.insert($0).inserted }
    return requested.map { ($0, true) } + others.map { ($0, false) }
  }

  private func row(
    _ group: Directive.StakeholderGroup, requested: Bool, _ columns: [ConsultationCoverage.Column],
    _ counted: [Consultation]
  ) -> ConsultationCoverage.Row {
    let own = Dictionary(grouping: counted.filter { $0.stakeholderGroup == group }, by: \.dialogue)
    return .with {
      $0.stakeholderGroup = group
      $0.requested = requested
      $0.cells = columns.map { cell(own[$0.dialogue] ?? [], isWithheld: $0.attributionWithheld) }
      $0.gap = requested && own.isEmpty
    }
  }

  private func cell(_ consultations: [Consultation], isWithheld: Bool) -> ConsultationCoverage.Cell {
    let organizations = Set(consultations.flatMap(\.organizations)).filter(told)
    return .with {
      $0.consultationCount = Int32(consultations.count)
      $0.consultations = consultations.map(\.name)
      // Where nothing was held, nobody is hidden.
      if isWithheld, !consultations.isEmpty, organizations.count < Self.toldCountMin {
        $0.organizationCountLimit = Int32(Self.toldCountMin)
      } else {
        $0.organizationCount = Int32(organizations.count)
      }
      if !isWithheld { $0.organizations = organizations.sorted() }
    }
  }

  /// By first day, those without dates last; then by number and name.
  private static func order(_ dialogue: Dialogue) -> (Int, Int32, String) {
    (PeriodIndex.days(of: dialogue)?.first.number ?? .max, dialogue.ordinal, dialogue.name)
  }
}
