internal import PlenaryAPI

/// Parts A to C: the mandate, the dialogues, and what they brought.
extension OutlineBuilder {
  // MARK: Part A

  func backgroundPart() -> (blocks: [Block], sections: [Section]) {
    guard let background = content.background else { return ([], []) }
    let initiative = background.initiative
    var blocks = facts(
      fact("label.series", phrases(content.seriesTitle)),
      fact("label.launched", [plain(background.launchDate.isEmpty ? "" : dates.words(background.launchDate))]),
      fact("label.focus", [plain(background.focusM49Code.isEmpty ? "" : Self.area(background.focusM49Code))]),
      fact("label.initiative", phrases(initiative?.title)),
      fact("label.owner", organization(initiative?.ownerOrganization ?? "")),
      fact("label.address", link(initiative?.url ?? "")))
    blocks += self.blocks(initiative?.description) + self.blocks(background.contextNote)
    let aims = background.aims.map(phrases).filter { !$0.isEmpty }
    var sections: [Section] = []
    if !aims.isEmpty { sections.append(Section(id: "aims", title: [word("label.aims")], blocks: [.list(aims)])) }
    sections += background.mandates.enumerated().map { mandate($1, number: $0 + 1) }
    return (blocks, sections)
  }

  private func mandate(_ mandate: OutcomeContent.MandateEntry, number: Int) -> Section {
    let title = [[plain(mandate.symbol)], phrases(mandate.title)]
    var section = Section(id: "mandate-\(number)", title: joined(title, " – "))
    section.blocks = facts(
      fact("label.adoptedBy", organization(mandate.adoptingOrganization)),
      fact("label.adopted", [plain(mandate.adoptDate.isEmpty ? "" : dates.words(mandate.adoptDate))]),
      fact("label.address", link(mandate.url)))
    for directive in mandate.directives {
      section.blocks += blocks(directive.summary)
      let verb = directive.verb == .unspecified ? [] : [word("verb.\(directive.verb)")]
      let groups = directive.stakeholderGroups.map { [word("stakeholders.\($0)")] }
      section.blocks += facts(
        fact("label.paragraph", [plain(directive.paragraph)]), fact("label.verb", verb),
        fact("label.addressee", organization(directive.addressee)),
        fact("label.advisee", organization(directive.advisee)), fact("label.groups", joined(groups, ", ")))
    }
    return section
  }

  func link(_ url: String) -> [Phrase] {
    guard !url.isEmpty else { return [] }
    return [Phrase(text: url, language: "", link: Markup.link(url) ?? "")]
  }

  // MARK: Part B

  func dialoguePart() -> (blocks: [Block], sections: [Section]) {
    guard !content.dialogues.isEmpty else { return ([], []) }
    let entries = content.dialogues.map { dialogue in
      Outline.TimelineEntry(
        ordinal: dialogue.ordinal,
        date: Phrase(text: dates.words(from: dialogue.startDate, to: dialogue.endDate), language: words.language),
        place: plain(Self.place(dialogue)), month: Self.month(dialogue.startDate))
    }
    return ([.timeline(entries)], content.dialogues.map(section))
  }

  private static func month(_ date: String) -> Int? {
    let parts = date.split(separator: "-").map { Int($0) ?? 0 }
    guard let year = parts.first, year > 0 else { return nil }
    return year * 12 + (parts.count > 1 ? parts[1] - 1 : 0)
  }

  private func section(_ dialogue: OutcomeContent.DialogueSection) -> Section {
    let name = dialogue.origin?.name ?? ""
    let title = phrases(dialogue.title)
    var section = Section(
      id: Self.id(of: dialogue), number: dialogue.ordinal > 0 ? plain("\(dialogue.ordinal)") : nil,
      title: title.isEmpty ? [Phrase(text: dialogueText(dialogue), language: words.language)] : title)
    let kinds = [
      dialogue.format == .unspecified ? [] : [word("format.\(dialogue.format)")],
      dialogue.modality == .unspecified ? [] : [word("modality.\(dialogue.modality)")],
    ]
    section.blocks = facts(
      fact(
        "label.date",
        [Phrase(text: dates.words(from: dialogue.startDate, to: dialogue.endDate), language: words.language)]),
      fact("label.place", [plain(Self.place(dialogue))]), fact("label.venue", [plain(dialogue.venue)]),
      fact("label.format", joined(kinds, ", ")),
      fact("label.participants", [plain(dialogue.participantCount.map { "\($0)" } ?? "")]))
    if dialogue.chathamHouse { section.blocks.append(.notice([word("text.chathamHouse")])) }
    let partners = dialogue.partners.compactMap { group in
      fact(
        "role.\(group.role)",
        all: group.organizations.isEmpty ? [[count(group.countText)]] : group.organizations.map(organization))
    }
    if !partners.isEmpty { section.blocks.append(.facts(partners)) }
    section.blocks += blocks(dialogue.summary)
    if content.gaps.contains(where: { $0.kind == .dialogueWithoutPanels && $0.subject == name }) {
      section.blocks.append(.notice([word("text.noPanels")]))
    }
    section.sections = dialogue.panels.enumerated().map { panel($1, id: "\(section.id)-panel-\($0 + 1)") }
    if !dialogue.interventions.isEmpty {
      section.sections.append(
        Section(
          id: "\(section.id)-interventions", title: [word("label.interventions")],
          blocks: dialogue.interventions.flatMap(intervention)))
    }
    return section
  }

  /// A count that the content has in words: `3`, or `fewer than 3`.
  func count(_ text: String) -> Phrase {
    let prefix = "fewer than "
    guard text.hasPrefix(prefix) else { return plain(text) }
    return word("text.fewerThan", String(text.dropFirst(prefix.count)))
  }

  private func panel(_ panel: OutcomeContent.PanelEntry, id: String) -> Section {
    var title = phrases(panel.title)
    if title.isEmpty { title = [word("label.panel")] + (panel.ordinal > 0 ? [plain("\(panel.ordinal)")] : []) }
    let summary = blocks(panel.summary)
    return Section(
      id: id, title: title,
      blocks: facts(
        fact("label.moderator", person(panel.moderator)), fact("label.panellists", all: panel.panellists.map(person)))
        + (summary.isEmpty ? [.notice([word("text.noSummary")])] : summary))
  }

  private func intervention(_ entry: OutcomeContent.InterventionEntry) -> [Block] {
    let kind = entry.kind == .unspecified ? word("label.interventions") : word("intervention.\(entry.kind)")
    let speaker = person(entry.speaker)
    return [.facts([Fact(label: kind, values: [speaker.isEmpty ? [plain("–")] : speaker])])] + blocks(entry.summary)
  }

  // MARK: Part C

  func themePart() -> (blocks: [Block], sections: [Section]) {
    ([], content.themes.enumerated().map { theme($1, id: "theme-\($0 + 1)") })
  }

  private func theme(_ theme: OutcomeContent.ThemeSection, id: String) -> Section {
    let label = phrases(theme.label)
    var section = Section(id: id, title: label.isEmpty ? [word("text.otherThemes")] : label)
    section.sections =
      theme.results.enumerated().map { result($1, id: "\(id)-group-\($0 + 1)") }
      + theme.findings.enumerated().map { findings($1, id: "\(id)-findings-\($0 + 1)") }
    if section.sections.isEmpty { section.blocks.append(.notice([word("text.nothingFound")])) }
    return section
  }

  private func result(_ result: OutcomeContent.GroupResult, id: String) -> Section {
    var title = phrases(result.title)
    if title.isEmpty { title = [word("label.group")] + (result.ordinal > 0 ? [plain("\(result.ordinal)")] : []) }
    let results = blocks(result.results)
    return Section(
      id: id, title: title,
      blocks: facts(
        fact("label.subject", dialogue(result.dialogue)), fact("label.chair", person(result.chair)),
        fact("label.rapporteur", person(result.rapporteur)),
        fact("label.members", all: result.memberOrganizations.map(organization)))
        + (results.isEmpty ? [.notice([word("text.noResults")])] : results))
  }

  private func findings(_ group: OutcomeContent.FindingGroup, id: String) -> Section {
    let items = group.findings.map { finding in
      let contributor = organization(finding.contributor)
      let by = contributor.isEmpty ? [] : joined([[word("label.contributor")], contributor], ": ")
      return phrases(finding.text) + [plain("(")] + joined([dialogue(finding.dialogue), by], "; ") + [plain(")")]
    }
    return Section(id: id, title: [word("finding.\(group.kind)")], blocks: [.list(items)])
  }
}
