import GoogleAPI
import PlenaryAPI
import ProtobufRuntime

extension Sample {
  static func panel(_ id: String = "p1", of dialogue: String = "d1") -> Panel {
    .with {
      $0.name = "dialogues/\(dialogue)/panels/\(id)"
      $0.title = LocalizedText("Panel \(id)")
    }
  }

  static func finding(_ id: String = "f1", of dialogue: String = "d1", from part: String = "panels/p1") -> Finding {
    .with {
      $0.name = "dialogues/\(dialogue)/findings/\(id)"
      $0.origin = "dialogues/\(dialogue)/\(part)"
      $0.kind = .challenge
      $0.text = LocalizedText("Finding \(id)")
    }
  }

  static func consultation(_ id: String = "c1") -> Consultation {
    .with {
      $0.name = "consultations/\(id)"
      $0.directive = "mandates/m1/directives/d1"
      $0.stakeholderGroup = .privateSector
    }
  }

  static func recommendation(
    _ id: String = "r1", on findings: [String] = ["dialogues/d1/findings/f1"], _ state: Recommendation.State = .draft
  ) -> Recommendation {
    .with {
      $0.name = "recommendations/\(id)"
      $0.text = LocalizedText("Do something")
      $0.findings = findings
      $0.addressee = "organizations/o1"
      $0.state = state
    }
  }

  static func followUp(_ id: String = "x-1", of recommendation: String = "r1") -> FollowUp {
    .with {
      $0.name = "recommendations/\(recommendation)/followUps/\(id)"
      $0.note = LocalizedText("Something was done")
    }
  }

  static func sharingGroup(_ id: String = "g1", groups: [String] = []) -> SharingGroup {
    .with {
      $0.name = "sharingGroups/\(id)"
      $0.organizations = groups.isEmpty ? ["organizations/o1"] : []
      $0.groups = groups.map { "sharingGroups/\($0)" }
    }
  }

  static func client(_ id: String = "c1") -> Client {
    .with {
      $0.name = "clients/\(id)"
      $0.organization = "organizations/o1"
      $0.roles = [.with { $0.role = .officer }]
      $0.maxLabel = .amber
    }
  }

  /// What findings and recommendations rest on: a dialogue of a series with a panel and a finding.
  static var outcomes: [any ProtobufMessage] {
    [organization(), series(), dialogue("d1", ordinal: 1), panel(), finding()]
  }
}
