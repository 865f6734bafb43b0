import GoogleAPI
import PlenaryAPI
import ProtobufRuntime

/// Small records of each kind, right by themselves.
enum Sample {
  static func source(_ id: String = "s1") -> Source {
    .with {
      $0.name = "sources/\(id)"
      $0.title = LocalizedText("A news item")
    }
  }

  static func organization(_ id: String = "o1", parent: String = "") -> Organization {
    .with {
      $0.name = "organizations/\(id)"
      $0.title = LocalizedText("Organization \(id)")
      $0.kind = .governmentMinistry
      $0.parentOrganization = parent
    }
  }

  static func person(_ id: String = "p1") -> Person {
    .with {
      $0.name = "persons/\(id)"
      $0.familyName = "Chen"
    }
  }

  static func theme(_ id: String = "t1", scheme: String = "topics", broader: [String] = []) -> Theme {
    .with {
      $0.name = "themes/\(id)"
      $0.scheme = scheme
      $0.prefLabel = LocalizedText("Theme \(id)")
      $0.broader = broader
    }
  }

  static func mandate(_ id: String = "m1", symbol: String = "S/RES/2129 (2013)") -> Mandate {
    .with {
      $0.name = "mandates/\(id)"
      $0.symbol = symbol
      $0.adoptingOrganization = "organizations/o1"
    }
  }

  static func directive(_ id: String = "d1", of mandate: String = "m1") -> Directive {
    .with {
      $0.name = "mandates/\(mandate)/directives/\(id)"
      $0.verb = .notes
      $0.summary = LocalizedText("Notes something")
    }
  }

  static func initiative(_ id: String = "i1") -> Initiative {
    .with {
      $0.name = "initiatives/\(id)"
      $0.title = LocalizedText("Initiative \(id)")
      $0.ownerOrganization = "organizations/o1"
    }
  }

  static func series(_ id: String = "s1") -> Series {
    .with {
      $0.name = "series/\(id)"
      $0.title = LocalizedText("Series \(id)")
    }
  }

  /// A dialogue with everything that an announced one has, over before the time of the tests.
  static func plannedDialogue(_ id: String = "d1", ordinal: Int32 = 1) -> Dialogue {
    .with {
      $0 = dialogue(id, ordinal: ordinal)
      $0.startDate = GoogleDate(2018, 1, 24)
      $0.endDate = GoogleDate(2018, 1, 25)
      $0.location = .with { $0.locality = "Bangkok" }
    }
  }

  /// A partnership that organizes something.
  static func organizerOf(_ subject: String, _ id: String = "organizers") -> Partnership {
    .with {
      $0 = partnership(id, subject: subject)
      $0.participants = [participant("organizations/o1", .organizer)]
    }
  }

  static func dialogue(
    _ id: String = "d1", ordinal: Int32 = 0, series: String = "series/s1", themes: [String] = []
  ) -> Dialogue {
    .with {
      $0.themes = themes
      $0.name = "dialogues/\(id)"
      $0.series = ordinal == 0 ? "" : series
      $0.ordinal = ordinal
      $0.title = LocalizedText("Dialogue \(id)")
    }
  }

  static func group(_ id: String = "w1", of dialogue: String = "d1", theme: String = "themes/t1") -> WorkingGroup {
    .with {
      $0.name = "dialogues/\(dialogue)/workingGroups/\(id)"
      $0.theme = theme
    }
  }

  static func intervention(_ id: String = "i1", of dialogue: String = "d1") -> Intervention {
    .with {
      $0.name = "dialogues/\(dialogue)/interventions/\(id)"
      $0.kind = .address
      $0.speaker = "persons/p1"
    }
  }

  static func partnership(_ id: String = "p1", subject: String = "dialogues/d1") -> Partnership {
    .with {
      $0.name = "partnerships/\(id)"
      $0.subject = subject
      $0.participants = [participant("organizations/o1", .host)]
    }
  }

  static func participant(
    _ organization: String, _ role: Partnership.Participant.Role
  ) -> Partnership.Participant {
    .with {
      $0.organization = organization
      $0.role = role
    }
  }

  static func report(_ id: String = "r1") -> OutcomeReport {
    .with {
      $0.name = "outcomeReports/\(id)"
      $0.series = "series/s1"
      $0.title = LocalizedText("Report \(id)")
    }
  }
}
