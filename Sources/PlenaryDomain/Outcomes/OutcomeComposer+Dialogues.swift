internal import PlenaryAPI
internal import ProtobufRuntime

/// Part B.
extension OutcomeComposer {
  /// One dialogue.
  func dialogue(_ event: OutcomeMaterial.Event) -> OutcomeContent.DialogueSection {
    let dialogue = event.dialogue.message
    var section = OutcomeContent.DialogueSection()
    section.origin = event.dialogue.origin
    section.ordinal = dialogue.ordinal
    section.title = texts.paragraph(dialogue.title, [event.dialogue.origin])
    section.format = dialogue.format
    section.modality = dialogue.modality
    section.startDate = Self.date(dialogue.startDate)
    section.endDate = Self.date(dialogue.endDate)
    section.locality = dialogue.location?.locality ?? ""
    section.regionCode = dialogue.location?.regionCode ?? ""
    section.venue = dialogue.location?.venue ?? ""
    section.participantCount = dialogue.participantCount
    section.chathamHouse = event.isChathamHouse
    section.partners = roles(of: event)
    section.summary = texts.paragraph(dialogue.summary, [event.dialogue.origin])
    section.panels = event.panels.map { panel($0, of: event) }
    section.interventions = event.interventions.map { intervention($0, of: event) }
    return section
  }

  /// The partners of a dialogue by role: their names, or under the Chatham House Rule how many they are.
  private func roles(of event: OutcomeMaterial.Event) -> [OutcomeContent.RoleGroup] {
    var names: [Partnership.Participant.Role: Set<String>] = [:]
    var origins: [Partnership.Participant.Role: [Origin]] = [:]
    for found in event.partnerships {
      for participant in found.message.participants where !organization(participant.organization).isEmpty {
        names[participant.role, default: []].insert(participant.organization)
        let origin = event.origin(found)
        if origins[participant.role]?.contains(origin) != true { origins[participant.role, default: []].append(origin) }
      }
    }
    return names.sorted { $0.key.rawValue < $1.key.rawValue }.map { role, names in
      .with {
        $0.role = role
        if event.isChathamHouse {
          $0.countText = Self.count(names.count)
        } else {
          $0.organizations = names.sorted()
        }
        $0.origins = origins[role] ?? []
      }
    }
  }

  private func panel(
    _ found: OutcomeMaterial.Found<Panel>, of event: OutcomeMaterial.Event
  ) -> OutcomeContent.PanelEntry {
    let panel = found.message
    let origin = event.origin(found)
    return .with {
      $0.origin = origin
      $0.ordinal = panel.ordinal
      $0.title = texts.paragraph(panel.title, [origin])
      $0.summary = texts.paragraph(panel.summary, [origin])
      guard !event.isChathamHouse else { return }
      $0.moderator = person(panel.moderator)
      $0.panellists = panel.panellists.filter { !person($0).isEmpty }
    }
  }

  private func intervention(
    _ found: OutcomeMaterial.Found<Intervention>, of event: OutcomeMaterial.Event
  ) -> OutcomeContent.InterventionEntry {
    .with {
      $0.origin = found.origin
      $0.kind = found.message.kind
      $0.speaker = person(found.message.speaker)
      $0.summary = texts.paragraph(found.message.summary, [found.origin])
    }
  }
}
