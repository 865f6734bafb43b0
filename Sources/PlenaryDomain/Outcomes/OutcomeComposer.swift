internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Puts the content of a report together from its records. Nothing but these and what the report asks for goes into it.
struct OutcomeComposer {
  typealias Origin = OutcomeContent.Origin

  let input: OutcomeInput
  let material: OutcomeMaterial
  let texts: OutcomeTexts

  /// The findings and dialogues that advice can rest on, by name.
  private let grounds: [String: Origin]

  init(_ input: OutcomeInput, _ material: OutcomeMaterial) {
    self.input = input
    self.material = material
    texts = OutcomeTexts(languages: input.languages)
    grounds = material.events.reduce(into: [:]) { grounds, event in
      grounds[event.dialogue.name] = event.dialogue.origin
      for finding in event.findings { grounds[finding.name] = event.origin(finding) }
    }
  }

  /// The content, without its gaps, which are told apart.
  func content() -> OutcomeContent {
    var content = OutcomeContent()
    content.templateVersion = OutcomeInput.templateVersion
    content.languageCodes = input.languages
    content.ceilingLabel = input.ceiling
    content.highestLabel = PlenaryAPI.Marking.Label(rawValue: material.highestLabel)
    let series = material.series
    content.series = series.name
    content.seriesTitle = texts.paragraph(series.message.title, [series.origin])
    content.title = texts.paragraph(input.report.title, []) ?? content.seriesTitle
    content.replacedDigest = input.replacedDigest
    content.background = background()
    content.dialogues = material.events.map(dialogue)
    content.themes = OutcomeThemes(self).sections()
    content.recommendations = material.recommendations.map(recommendation)
    content.coverage = OutcomeCoverage(self).tables()
    content.partners = partners()
    content.sources = material.sources.values.sorted { $0.name < $1.name }.map(source)
    content.withheld = material.withheld.sorted { $0.key.rawValue < $1.key.rawValue }.map { part, names in
      .with {
        $0.part = part
        $0.count = Int32(names.count)
      }
    }
    content.organizations = material.organizations.values.sorted { $0.name < $1.name }.filter {
      named.contains($0.name)
    }
    .map(organization)
    content.persons = material.persons.values.sorted { $0.name < $1.name }.map(person)
    return content
  }

  /// The organizations that are named and not only counted.
  private var named: Set<String> {
    var names: Set<String> = [material.initiative?.message.ownerOrganization ?? ""]
    for mandate in material.mandates {
      names.insert(mandate.message.adoptingOrganization)
      for directive in (material.directives[mandate.name] ?? []).map(\.message) {
        names.formUnion([directive.addressee, directive.advisee])
      }
    }
    for event in material.events where !event.isChathamHouse {
      names.formUnion(event.partnerships.flatMap(\.message.participants).map(\.organization))
      names.formUnion(event.groups.flatMap(\.message.memberOrganizations))
      names.formUnion(event.findings.map(\.message.contributor))
    }
    names.formUnion(material.partnerships.flatMap(\.message.participants).map(\.organization))
    names.formUnion(material.persons.values.map(\.message.organization))
    names.formUnion(material.recommendations.map(\.message.addressee))
    let discreet = Set(material.events.filter(\.isChathamHouse).map(\.dialogue.name))
    for consultation in material.consultations.values.joined() where !discreet.contains(consultation.message.dialogue) {
      names.formUnion(consultation.message.organizations)
    }
    return names
  }

  // MARK: What others refer to

  /// The name of an organization; empty if not all who see the report may know of it.
  func organization(_ name: String) -> String { material.organizations[name] == nil ? "" : name }

  /// The names of the organizations among these that all who see the report may know of, each once, in order.
  func organizations(_ names: some Sequence<String>) -> [String] {
    Set(names).filter { material.organizations[$0] != nil }.sorted()
  }

  /// The name of a person; empty if not all who see the report may know of it.
  func person(_ name: String) -> String { material.persons[name] == nil ? "" : name }

  /// A number of organizations in words. Few of them would say who they were.
  static func count(_ count: Int) -> String {
    let min = CoverageTable.toldCountMin
    return count == 0 ? "0" : count < min ? "fewer than \(min)" : "\(count)"
  }

  /// A date as far as it is known.
  static func date(_ date: GoogleDate?) -> String { date.flatMap { PartialDate($0) }?.description ?? "" }

  /// The day of a moment, in UTC.
  private static func day(_ seconds: Int64) -> String {
    let secondsADay: Int64 = 86_400
    let (days, rest) = seconds.quotientAndRemainder(dividingBy: secondsADay)
    return CivilDay(number: Int(days) - (rest < 0 ? 1 : 0)).description
  }

  // MARK: Part A

  private func background() -> OutcomeContent.Background {
    let series = material.series
    return .with {
      $0.mandates = material.mandates.map(mandate)
      $0.initiative = material.initiative.map(initiative)
      $0.aims = series.message.aims.compactMap { texts.paragraph($0, [series.origin]) }
      $0.contextNote = texts.paragraph(series.message.contextNote, [series.origin])
      $0.launchDate = Self.date(series.message.launchDate)
      $0.focusM49Code = series.message.focusM49Code
    }
  }

  private func mandate(_ found: OutcomeMaterial.Found<Mandate>) -> OutcomeContent.MandateEntry {
    let mandate = found.message
    return .with {
      $0.origin = found.origin
      $0.symbol = mandate.symbol
      $0.kind = mandate.kind
      $0.adoptingOrganization = organization(mandate.adoptingOrganization)
      $0.adoptDate = Self.date(mandate.adoptDate)
      $0.title = texts.paragraph(mandate.title, [found.origin])
      $0.url = mandate.url
      $0.directives = (material.directives[found.name] ?? []).map(directive)
    }
  }

  private func directive(_ found: OutcomeMaterial.Found<Directive>) -> OutcomeContent.DirectiveEntry {
    let directive = found.message
    return .with {
      $0.origin = found.origin
      $0.verb = directive.verb
      $0.paragraph = directive.paragraph
      $0.summary = texts.paragraph(directive.summary, [found.origin])
      $0.addressee = organization(directive.addressee)
      $0.advisee = organization(directive.advisee)
      $0.stakeholderGroups = directive.stakeholderGroups
    }
  }

  private func initiative(_ found: OutcomeMaterial.Found<Initiative>) -> OutcomeContent.InitiativeEntry {
    let initiative = found.message
    return .with {
      $0.origin = found.origin
      $0.title = texts.paragraph(initiative.title, [found.origin])
      $0.ownerOrganization = organization(initiative.ownerOrganization)
      $0.url = initiative.url
      $0.description = texts.paragraph(initiative.description, [found.origin])
    }
  }

  // MARK: Part D

  private func recommendation(
    _ found: OutcomeMaterial.Found<Recommendation>
  ) -> OutcomeContent.RecommendationSection {
    let advice = found.message
    let names = advice.findings + (advice.dialogue.isEmpty ? [] : [advice.dialogue])
    var section = OutcomeContent.RecommendationSection()
    section.origin = found.origin
    section.text = texts.paragraph(advice.text, [found.origin])
    section.state = advice.state
    section.addressee = organization(advice.addressee)
    section.directive = material.followedDirectives.contains(advice.directive) ? advice.directive : ""
    section.priority = advice.priority
    section.dueDate = Self.date(advice.dueDate)
    section.response = texts.paragraph(advice.response, [found.origin])
    var seen: Set<String> = []
    section.grounds = names.compactMap { grounds[$0] }.filter { seen.insert($0.name).inserted }
    section.followUps = (material.followUps[found.name] ?? []).map(followUp)
    section.successor = material.recommendations.contains { $0.name == advice.successor } ? advice.successor : ""
    return section
  }

  private func followUp(_ found: OutcomeMaterial.Found<FollowUp>) -> OutcomeContent.FollowUpEntry {
    .with {
      $0.origin = found.origin
      $0.note = texts.paragraph(found.message.note, [found.origin])
      $0.progressPercent = found.message.progressPercent
      $0.evidenceURL = found.message.evidenceURL
    }
  }

  // MARK: Annexes

  /// Who is a partner of the series or of a dialogue at which names may be told.
  private func partners() -> [OutcomeContent.Partner] {
    var involvements: [String: [OutcomeContent.Involvement]] = [:]
    let open = material.events.filter { !$0.isChathamHouse }.flatMap(\.partnerships)
    for found in material.partnerships + open {
      for participant in found.message.participants where material.organizations[participant.organization] != nil {
        let involvement = OutcomeContent.Involvement.with {
          $0.subject = found.message.subject
          $0.role = participant.role
          $0.startDate = Self.date(participant.startDate)
          $0.endDate = Self.date(participant.endDate)
          $0.contribution = texts.paragraph(participant.contribution, [found.origin])
          $0.origin = found.origin
        }
        involvements[participant.organization, default: []].append(involvement)
      }
    }
    return involvements.sorted { $0.key < $1.key }.map { name, involvements in
      .with {
        $0.organization = name
        $0.involvements = involvements
      }
    }
  }

  private func source(_ found: OutcomeMaterial.Found<Source>) -> OutcomeContent.CitedSource {
    .with {
      $0.origin = found.origin
      $0.title = texts.paragraph(found.message.title, [found.origin])
      $0.publisher = found.message.publisher
      $0.publishDate = Self.date(found.message.publishDate)
      $0.url = found.message.url
    }
  }

  private func organization(_ found: OutcomeMaterial.Found<Organization>) -> OutcomeContent.NamedOrganization {
    .with {
      $0.origin = found.origin
      $0.title = texts.paragraph(found.message.title, [found.origin])
      $0.acronym = found.message.acronym
      $0.kind = found.message.kind
      $0.regionCode = found.message.regionCode
    }
  }

  /// A person; a notice if it was erased.
  private func person(_ found: OutcomeMaterial.Found<Person>) -> OutcomeContent.NamedPerson {
    let person = found.message
    return .with {
      $0.origin = found.origin
      $0.givenName = person.givenName
      $0.familyName = person.familyName
      $0.officeTitle = texts.paragraph(person.officeTitle, [found.origin])
      $0.organization = organization(person.organization)
      $0.redacted = person.redaction != nil
      $0.redactDate = person.redaction?.redactTime.map { Self.day($0.seconds) } ?? ""
    }
  }
}
