internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What is read of a series.
extension OutcomeGatherer {
  /// Reads everything.
  /// - Throws: what the store answers, `referenceNotFound`, `referenceType` and `markingTooLoose` for dialogues that the report
  ///   names, `limitReached`, `callCancelled`.
  func gather() async throws(DomainError) -> OutcomeMaterial {
    cite(material.series.message)
    try await gatherBackground()
    try await gatherEvents()
    try await gatherPartnerships()
    try await gatherConsultations()
    try await gatherAdvice()
    try await gatherReferences()
    return material
  }

  /// Part A.
  private func gatherBackground() async throws(DomainError) {
    let series = material.series.message
    if !series.initiative.isEmpty {
      material.initiative = try await get([series.initiative], Initiative.self, .a).first
    }
    if let initiative = material.initiative?.message {
      cite(initiative)
      organizationNames.insert(initiative.ownerOrganization)
    }
    material.mandates = try await get(series.mandates, Mandate.self, .a)
    for mandate in material.mandates {
      cite(mandate.message)
      organizationNames.insert(mandate.message.adoptingOrganization)
      guard let scope = KeyPrefix("\(mandate.name)/directives/") else { continue }
      let directives = try await list(Directive.self, under: scope, .a).sorted(byOrdinal: \.ordinal)
      for directive in directives {
        cite(directive.message)
        organizationNames.formUnion([directive.message.addressee, directive.message.advisee])
      }
      material.directives[mandate.name] = directives
    }
  }

  /// Parts B and C.
  private func gatherEvents() async throws(DomainError) {
    let dialogues = try await dialogues()
    guard dialogues.count <= Self.dialogueCountMax else {
      throw DomainError(
        .limitReached,
        "the series has \(dialogues.count) dialogues to report on; a report covers at most \(Self.dialogueCountMax), so name "
          + "them in `dialogues`", metadata: ["max": "\(Self.dialogueCountMax)"], resource: input.report.name)
    }
    for (index, dialogue) in dialogues.enumerated() {
      try report(index, of: dialogues.count)
      var event = OutcomeMaterial.Event(dialogue: dialogue)
      cite(dialogue.message)
      themeNames.formUnion(dialogue.message.themes)
      event.groups = try await parts(of: dialogue, "workingGroups", .c).sorted(byOrdinal: \.ordinal)
      event.panels = try await parts(of: dialogue, "panels", .b).sorted(byOrdinal: \.ordinal)
      event.findings = try await parts(of: dialogue, "findings", .c).sorted(byOrdinal: \.ordinal)
      for group in event.groups { themeNames.insert(group.message.theme) }
      for panel in event.panels { themeNames.formUnion(panel.message.themes) }
      for finding in event.findings { themeNames.formUnion(finding.message.themes) }
      if !event.isChathamHouse { try await gatherAttributions(of: &event) }
      material.events.append(event)
    }
    try report(dialogues.count, of: dialogues.count)
  }

  /// Who took part in a dialogue, and what its records cite.
  private func gatherAttributions(of event: inout OutcomeMaterial.Event) async throws(DomainError) {
    event.interventions = try await parts(of: event.dialogue, "interventions", .b)
    for group in event.groups.map(\.message) {
      cite(group)
      personNames.formUnion([group.chair, group.rapporteur])
      organizationNames.formUnion(group.memberOrganizations)
    }
    for panel in event.panels.map(\.message) {
      cite(panel)
      personNames.formUnion([panel.moderator] + panel.panellists)
    }
    for intervention in event.interventions.map(\.message) {
      cite(intervention)
      personNames.insert(intervention.speaker)
    }
    for finding in event.findings.map(\.message) {
      cite(finding)
      organizationNames.insert(finding.contributor)
    }
  }

  private func parts<Message: ProtobufMessage>(
    of dialogue: OutcomeMaterial.Found<Dialogue>, _ collection: String, _ part: OutcomeContent.Part
  ) async throws(DomainError) -> [OutcomeMaterial.Found<Message>] {
    guard let scope = KeyPrefix("\(dialogue.name)/\(collection)/") else { return [] }
    return try await list(Message.self, under: scope, part)
  }

  /// The dialogues that it covers, by ordinal.
  private func dialogues() async throws(DomainError) -> [OutcomeMaterial.Found<Dialogue>] {
    let concluded: Set<Dialogue.State> = [.concluded, .archived]
    let named = input.report.dialogues
    guard named.isEmpty else {
      let found = try await get(named, Dialogue.self, .b)
      try check(named, found)
      material.unconcluded = Set(found.filter { !concluded.contains($0.message.state) }.map(\.name))
      return found.sortedByDate()
    }
    let entry = IndexEntry(kind(of: Dialogue.self).index(ofReference: "series"), .string(input.report.series))
    return try await list(Dialogue.self, with: entry, .b).filter { concluded.contains($0.message.state) }
      .sortedByDate()
  }

  /// Every dialogue that a report names is one of the series that was there.
  private func check(
    _ named: [String], _ found: [OutcomeMaterial.Found<Dialogue>]
  ) throws(DomainError) {
    var findings = Findings()
    let series = found.reduce(into: [:]) { $0[$1.name] = $1.message.series }
    for (index, name) in named.enumerated() {
      if let series = series[name] {
        guard series != input.report.series else { continue }
        findings.add(
          "dialogues.\(index)", .referenceType, "`\(name)` is not of `\(input.report.series)`; leave it out",
          metadata: ["value": name])
      } else {
        findings.add(
          "dialogues.\(index)", .referenceNotFound,
          "`\(name)` was not there at the revision, or not for all who may see the report up to its ceiling; leave it out, or "
            + "compile at a later revision", metadata: ["value": name])
      }
    }
    if let error = DomainError(findings.violations, resource: input.report.name) { throw error }
  }

  /// Who did what for the series and its dialogues.
  private func gatherPartnerships() async throws(DomainError) {
    let subject = kind(of: Partnership.self).index(ofReference: "subject")
    func partnerships(
      of name: String, _ part: OutcomeContent.Part
    ) async throws(DomainError) -> [OutcomeMaterial.Found<Partnership>] {
      try await list(Partnership.self, with: IndexEntry(subject, .string(name)), part)
        .filter { $0.message.state != .declined }
    }
    material.partnerships = try await partnerships(of: material.series.name, .annexes)
    if let initiative = material.initiative {
      material.partnerships += try await partnerships(of: initiative.name, .annexes)
    }
    for partnership in material.partnerships.map(\.message) { cite(partnership) }
    for index in material.events.indices {
      let found = try await partnerships(of: material.events[index].dialogue.name, .b)
      material.events[index].partnerships = found
      // Who is counted and not named has to be known too: only what all may know of is counted.
      organizationNames.formUnion(found.flatMap(\.message.participants).map(\.organization))
      if !material.events[index].isChathamHouse { for partnership in found { cite(partnership.message) } }
    }
    organizationNames.formUnion(material.partnerships.flatMap(\.message.participants).map(\.organization))
  }

  /// Part E.
  private func gatherConsultations() async throws(DomainError) {
    let directive = kind(of: Consultation.self).index(ofReference: "directive")
    let covered = Set(material.events.map(\.dialogue.name))
    let discreet = Set(material.events.filter(\.isChathamHouse).map(\.dialogue.name))
    for found in material.mandates.flatMap({ material.directives[$0.name] ?? [] })
    where !found.message.stakeholderGroups.isEmpty {
      let consultations = try await list(
        Consultation.self, with: IndexEntry(directive, .string(found.name)), .e
      ).filter { $0.message.dialogue.isEmpty || covered.contains($0.message.dialogue) }
      material.consultations[found.name] = consultations
      for consultation in consultations.map(\.message) {
        organizationNames.formUnion(consultation.organizations)
        if !discreet.contains(consultation.dialogue) { cite(consultation) }
      }
    }
  }

  /// Part D.
  private func gatherAdvice() async throws(DomainError) {
    let dialogue = kind(of: Recommendation.self).derivedIndex(Kind.dialogueOfAdvice)
    var seen: Set<String> = []
    for event in material.events {
      let found = try await list(
        Recommendation.self, with: IndexEntry(dialogue, .string(event.dialogue.name)), .d)
      material.recommendations += found.filter { seen.insert($0.name).inserted }
    }
    material.recommendations.sort { $0.name < $1.name }
    for recommendation in material.recommendations {
      cite(recommendation.message)
      organizationNames.insert(recommendation.message.addressee)
      directiveNames.insert(recommendation.message.directive)
      guard let scope = KeyPrefix("\(recommendation.name)/followUps/") else { continue }
      let followUps = try await list(FollowUp.self, under: scope, .d)
      for followUp in followUps { cite(followUp.message) }
      material.followUps[recommendation.name] = followUps
    }
  }

  /// What is named by the records.
  private func gatherReferences() async throws(DomainError) {
    material.persons = byName(try await get(personNames.sorted(), Person.self, .b))
    for person in material.persons.values.map(\.message) {
      cite(person)
      organizationNames.insert(person.organization)
    }
    material.themes = byName(try await get(themeNames.sorted(), Theme.self, .c))
    for theme in material.themes.values.map(\.message) { cite(theme) }
    material.followedDirectives = Set(try await get(directiveNames.sorted(), Directive.self, .d).map(\.name))
    material.organizations = byName(try await get(organizationNames.sorted(), Organization.self, .annexes))
    material.sources = byName(try await get(sourceNames.sorted(), Source.self, .annexes))
  }

  private func byName<Message>(
    _ found: [OutcomeMaterial.Found<Message>]
  ) -> [String: OutcomeMaterial.Found<Message>] {
    found.reduce(into: [:]) { $0[$1.name] = $1 }
  }

  /// Notes what a record cites.
  private func cite(_ record: any ProtobufMessage) {
    guard case .list(let citations)? = record.value(ofField: HeaderField.citations) else { return }
    for case .message(let citation as Citation) in citations { sourceNames.insert(citation.source) }
  }
}

extension [OutcomeMaterial.Found<Dialogue>] {
  /// By ordinal; those without one come last, by date and name.
  fileprivate func sortedByDate() -> Self {
    func place(_ found: OutcomeMaterial.Found<Dialogue>) -> (Int32, String, String) {
      let ordinal = found.message.ordinal
      return (ordinal == 0 ? .max : ordinal, OutcomeComposer.date(found.message.startDate), found.name)
    }
    return sorted { place($0) < place($1) }
  }
}

extension Array {
  /// By a number, those that are equal in it as they were; those without one come last.
  fileprivate func sorted<Message>(byOrdinal ordinal: (Message) -> Int32) -> Self
  where Element == OutcomeMaterial.Found<Message> {
    enumerated().map { index, found in
      let number = ordinal(found.message)
      return (number == 0 ? Int32.max : number, index, found)
    }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}
