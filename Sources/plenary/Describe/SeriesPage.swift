internal import PlenaryClient

/// A series for people: what it is, its dialogues in order, and who took part in which role.
struct SeriesPage {
  let records: SeriesRecords
  let titles: [String: RecordTitle]
  let language: String

  /// The lines, made to fit into `width` cells if there is a limit.
  func lines(width: Int?, style: TextStyle) -> [String] {
    var head = StyledText(RecordTitle(series, language: language)?.shown ?? series.name, .bold)
    head.addAside(series.name)
    return head.lines(width: width, style: style) + [""] + sheet.lines(width: width, style: style)
  }

  private var series: Series { records.series }

  private var sheet: Sheet {
    var sheet = Sheet()
    sheet.add("state", series.state == .unspecified ? "" : EnumWords.words(series.state.description))
    sheet.add("launched", series.launchDate.map { CivilDate($0).words } ?? "")
    sheet.add("focus", series.focusM49Code.isEmpty ? "" : M49Region.words(series.focusM49Code))
    sheet.add("languages", series.languageCodes.joined(separator: ", "))
    if !series.initiative.isEmpty { sheet.add("initiative", [title(series.initiative)]) }
    if !series.mandates.isEmpty { sheet.add("mandate", series.mandates.map(title)) }
    let aims = series.aims.map { LocalizedWords.words($0, language) }.filter { !$0.isEmpty }
    if !aims.isEmpty { sheet.add("aims", aims.map { StyledText($0, lead: StyledText.bullet) }) }
    sheet.add("context", series.contextNote.map { LocalizedWords.words($0, language) } ?? "")
    for (role, partners) in partners(of: series.name) { sheet.add(role, partners) }
    if records.dialogues.isEmpty { sheet.add("dialogues", "none") }
    for dialogue in records.dialogues { add(dialogue, to: &sheet) }
    return sheet
  }

  /// A dialogue: `3 of 3  7–8 November 2018, Kuala Lumpur, MY`, and what is known about it below.
  private func add(_ dialogue: Dialogue, to sheet: inout Sheet) {
    let count = max(records.dialogues.count, records.dialogues.map { Int($0.ordinal) }.max() ?? 0)
    let when = CivilDate.period(dialogue.startDate, dialogue.endDate)
    let place = dialogue.location.map(PlaceWords.words) ?? ""
    var head = StyledText([when, place].filter { !$0.isEmpty }.joined(separator: ", "), .bold)
    head.addAside(dialogue.name)
    sheet.addSpace()
    sheet.addHead("\(dialogue.ordinal > 0 ? "\(dialogue.ordinal)" : "–") of \(count)", head)

    if let title = dialogue.title { sheet.add("title", depth: 1, LocalizedWords.words(title, language)) }
    let words = [dialogue.format == .unspecified ? "" : dialogue.format.description, dialogue.state.description]
    sheet.add("event", depth: 1, words.filter { !$0.isEmpty }.map(EnumWords.words).joined(separator: ", "))
    for (role, partners) in partners(of: dialogue.name) { sheet.add(role, depth: 1, partners) }
    if !dialogue.themes.isEmpty {
      let themes = dialogue.themes.map { StyledText(titles[$0]?.shown ?? $0, lead: StyledText.bullet) }
      sheet.add("themes", depth: 1, themes)
    }
  }

  /// The partners by their roles, in the order of the roles, each with since when.
  private func partners(of subject: String) -> [(role: String, partners: [StyledText])] {
    let participants = (records.partnerships[subject] ?? []).flatMap(\.participants)
    let roles = Set(participants.map(\.role)).sorted { $0.rawValue < $1.rawValue }
    return roles.map { role in
      let partners = participants.filter { $0.role == role }
      return (EnumWords.words(role.description), partners.map(partner))
    }
  }

  private func partner(_ participant: Partnership.Participant) -> StyledText {
    var text = StyledText(titles[participant.organization]?.full ?? participant.organization)
    text.add(CivilDate.period(participant.startDate, participant.endDate), .faint, staysWhole: true)
    return text
  }

  private func title(_ name: String) -> StyledText {
    guard let title = titles[name] else { return StyledText(name) }
    var text = StyledText(title.full)
    text.add("(\(name))", .faint, staysWhole: true)
    return text
  }
}
