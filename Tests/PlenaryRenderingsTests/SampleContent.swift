import PlenaryAPI
import ProtobufRuntime

@testable import PlenaryRenderings

/// A content with everything that one can have, of the example that the project comes with.
enum SampleContent {
  typealias Paragraph = OutcomeContent.Paragraph

  /// A content in which each text is what a function makes of it.
  static func full(
    languages: [String] = ["en"], _ made: @escaping (_ text: String, _ language: String) -> String = { text, _ in text }
  ) -> OutcomeContent {
    let texts = Texts(languages: languages, made: made)
    return .with {
      $0.templateVersion = 1
      $0.languageCodes = languages
      ($0.ceilingLabel, $0.highestLabel) = (.green, .green)
      $0.title = texts("Outcomes report of the Asia ICT and CT Dialogue", origin: "outcomeReports/r1")
      $0.series = "series/s1"
      $0.seriesTitle = texts("Asia ICT and CT Dialogue", origin: "series/s1")
      $0.replacedDigest = "00ff"
      $0.background = background(texts)
      $0.dialogues = (1...3).map { dialogue($0, texts) }
      $0.themes = [
        theme(texts),
        .with {
          $0.origin = origin("themes/t2"); $0.label = texts("Critical infrastructure")
        },
      ]
      $0.recommendations = [advice(texts), second(texts)]
      $0.coverage = [coverage]
      $0.partners = ["o1", "o2", "o3"].map { partner($0, texts) }
      $0.sources = [
        .with {
          $0.origin = origin("sources/s1")
          $0.title = texts("CTED co-organizes third dialogue")
          ($0.publisher, $0.publishDate, $0.url) = (made("CTED", ""), "2018-11", "https://www.example.org/news?a=1&b=2")
        }
      ]
      $0.gaps = [
        .with { ($0.kind, $0.subject) = (.dialogueWithoutPanels, "dialogues/d2") },
        .with {
          ($0.kind, $0.subject, $0.waiveReason) = (
            .groupWithoutResults, "dialogues/d3/workingGroups/w1", made("It did not meet", "")
          )
        },
        .with { ($0.kind, $0.subject) = (.themeWithoutFindings, "themes/t2") },
      ]
      $0.withheld = [.with { ($0.part, $0.count) = (.c, 2) }, .with { $0.part = .d }]
      $0.organizations = [
        organization("o1", "UN Security Council Counter-Terrorism Committee Executive Directorate", "CTED", texts),
        organization("o2", "Ministry of Foreign Affairs of Malaysia", "", texts),
        organization("o3", "Southeast Asia Regional Centre for Counter-Terrorism", "SEARCCT", texts),
      ]
      $0.persons = [
        .with {
          $0.origin = origin("persons/p1")
          ($0.givenName, $0.familyName, $0.organization) = ("", made("Chen", ""), "organizations/o1")
          $0.officeTitle = texts("Deputy Executive Director")
        },
        .with { ($0.origin, $0.redacted, $0.redactDate) = (origin("persons/p2"), true, "2020-02-01") },
      ]
    }
  }

  /// A content without anything in it.
  static var empty: OutcomeContent { .with { $0.languageCodes = ["en"] } }

  static var imprint: ReportImprint {
    var imprint = ReportImprint()
    (imprint.report, imprint.state, imprint.revision) = ("outcomeReports/r1", .approved, "AbC-9_")
    imprint.contentDigest = String(repeating: "ab", count: 32)
    imprint.treeHead = "registry.example/audit 4711"
    return imprint
  }

  /// Makes paragraphs in all languages.
  struct Texts {
    let languages: [String]
    let made: (String, String) -> String

    func callAsFunction(_ text: String, origin name: String = "") -> Paragraph {
      .with {
        $0.texts = languages.map { language in
          .with {
            ($0.languageCode, $0.actualLanguageCode, $0.text) = (language, language, made(text, language))
          }
        }
        if !name.isEmpty { $0.origins = [origin(name)] }
      }
    }
  }

  static func origin(_ name: String) -> OutcomeContent.Origin {
    .with { ($0.name, $0.digest) = (name, String(repeating: "c4", count: 32)) }
  }

  private static func organization(
    _ id: String, _ title: String, _ acronym: String, _ texts: Texts
  ) -> OutcomeContent.NamedOrganization {
    .with {
      $0.origin = origin("organizations/\(id)")
      $0.title = texts(title)
      $0.acronym = acronym.isEmpty ? "" : texts.made(acronym, "")
    }
  }

  private static func background(_ texts: Texts) -> OutcomeContent.Background {
    .with {
      $0.launchDate = "2017"
      $0.focusM49Code = "142"
      $0.contextNote = texts("Special attention to Asia because of its range of ethnic groups, languages and cultures.")
      $0.aims = ["Make good practice easier to find", "Share knowledge"].map { texts($0) }
      $0.initiative = .with {
        $0.origin = origin("initiatives/i1")
        $0.title = texts("Tech Against Terrorism")
        ($0.ownerOrganization, $0.url) = ("organizations/o1", "https://www.example.org/")
      }
      $0.mandates = [
        .with {
          $0.origin = origin("mandates/m1")
          ($0.symbol, $0.adoptDate) = ("S/RES/2129 (2013)", "2013-12-17")
          $0.adoptingOrganization = "organizations/o1"
          $0.url = "javascript:alert(1)"
          $0.directives = [
            .with {
              $0.origin = origin("mandates/m1/directives/d1")
              ($0.verb, $0.paragraph, $0.addressee) = (.directs, "14", "organizations/o1")
              $0.advisee = "organizations/o3"
              $0.stakeholderGroups = [.memberStates, .privateSector]
              $0.summary = texts("Has CTED go on working on the question.")
            }
          ]
        }
      ]
    }
  }

  private static func dialogue(_ number: Int, _ texts: Texts) -> OutcomeContent.DialogueSection {
    .with {
      $0.origin = origin("dialogues/d\(number)")
      $0.ordinal = Int32(number)
      if number == 3 { $0.title = texts("Third ICT/counter-terrorism Asia Dialogue") }
      ($0.format, $0.modality) = (.workshop, .inPerson)
      $0.startDate = ["2017-05-29", "2018-01-24", "2018-11-07"][number - 1]
      $0.endDate = ["2017-05-30", "2018-01-25", "2018-11-08"][number - 1]
      $0.locality = texts.made(["Jeju Island", "Bangkok", "Kuala Lumpur"][number - 1], "")
      $0.regionCode = ["KR", "TH", "MY"][number - 1]
      $0.chathamHouse = number == 2
      $0.partners = [
        .with {
          $0.role = .coOrganizer
          ($0.organizations, $0.countText) =
            number == 2 ? ([], "fewer than 3") : (["organizations/o1", "organizations/o2"], "2")
        }
      ]
      $0.summary = texts("The participants were encouraged to continue.\nThey agreed.")
      guard number != 2 else { return }
      $0.participantCount = 120
      $0.panels = [
        .with {
          $0.origin = origin("dialogues/d\(number)/panels/p1")
          $0.ordinal = 1
          if number == 3 {
            ($0.title, $0.summary) = (texts("Gathering digital evidence"), texts("Evidence is gone too soon."))
          }
          ($0.moderator, $0.panellists) = ("persons/p1", ["persons/p2"])
        }
      ]
      $0.interventions = [.with { ($0.kind, $0.speaker, $0.summary) = (.address, "persons/p1", texts("An opening.")) }]
    }
  }

  private static func theme(_ texts: Texts) -> OutcomeContent.ThemeSection {
    .with {
      $0.origin = origin("themes/t1")
      $0.label = texts("Public-private partnerships")
      $0.results = [
        .with {
          ($0.dialogue, $0.ordinal, $0.chair) = ("dialogues/d3", 2, "persons/p1")
          $0.results = texts("Self-regulation works where it is shared.")
          $0.memberOrganizations = ["organizations/o2"]
        }
      ]
      $0.findings = [
        .with {
          $0.kind = .challenge
          $0.findings = [
            .with {
              ($0.dialogue, $0.text, $0.contributor) = (
                "dialogues/d3", texts("Records are kept too briefly."), "organizations/o2"
              )
            }
          ]
        }
      ]
    }
  }

  private static func advice(_ texts: Texts) -> OutcomeContent.RecommendationSection {
    .with {
      $0.origin = origin("recommendations/a1")
      $0.text = texts("Keep evidence for a year.")
      ($0.state, $0.addressee, $0.directive) = (.accepted, "organizations/o1", "mandates/m1/directives/d1")
      ($0.priority, $0.dueDate, $0.response) = (.high, "2019-06", texts("We agree."))
      $0.grounds = [origin("dialogues/d3"), origin("dialogues/d3/findings/f1")]
      $0.followUps = [
        .with {
          $0.origin = origin("recommendations/a1/followUps/x1")
          ($0.note, $0.progressPercent) = (texts("A draft is out."), 30)
          $0.evidenceURL = "https://www.example.org/draft"
        }
      ]
      $0.successor = "recommendations/a2"
    }
  }

  private static func second(_ texts: Texts) -> OutcomeContent.RecommendationSection {
    .with {
      $0.origin = origin("recommendations/a2")
      ($0.text, $0.state) = (texts("Keep evidence for two years."), .submitted)
    }
  }

  private static var coverage: OutcomeContent.CoverageTable {
    .with {
      $0.directive = "mandates/m1/directives/d1"
      $0.dialogues = ["dialogues/d1", "dialogues/d2", "dialogues/d3"]
      $0.rows = [
        .with {
          ($0.stakeholderGroup, $0.gap) = (.memberStates, true)
          $0.cells = Array(repeating: .with { $0.countText = "0" }, count: 4)
        },
        .with {
          $0.stakeholderGroup = .privateSector
          $0.cells = [
            .with { $0.countText = "0" },
            .with { ($0.consultationCount, $0.countText) = (1, "fewer than 3") },
            .with { ($0.consultationCount, $0.countText, $0.organizations) = (1, "1", ["organizations/o3"]) },
            .with { ($0.consultationCount, $0.countText, $0.organizations) = (1, "1", ["organizations/o2"]) },
          ]
        },
      ]
    }
  }

  private static func partner(_ id: String, _ texts: Texts) -> OutcomeContent.Partner {
    .with {
      $0.organization = "organizations/\(id)"
      $0.involvements = [
        .with { ($0.subject, $0.role, $0.startDate) = ("series/s1", id == "o1" ? .launcher : .supporter, "2017") },
        .with { ($0.subject, $0.role, $0.contribution) = ("dialogues/d3", .coOrganizer, texts("The venue")) },
      ]
    }
  }
}
