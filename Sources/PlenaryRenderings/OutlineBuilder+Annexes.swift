internal import PlenaryAPI
internal import ProtobufRuntime

/// Parts D and E, and the annexes.
extension OutlineBuilder {
  /// The most organizations on the map of partners; the table has them all.
  private static var mappedCountMax: Int { 30 }

  // MARK: Part D

  func advicePart() -> (blocks: [Block], sections: [Section]) {
    ([], content.recommendations.enumerated().map { advice($1, number: $0 + 1) })
  }

  private func advice(_ advice: OutcomeContent.RecommendationSection, number: Int) -> Section {
    var section = Section(
      id: "recommendation-\(number)", title: [word("label.recommendation"), plain("\(number)")])
    let state = advice.state == .unspecified ? [] : [word("advice.\(advice.state)")]
    let priority = advice.priority == .unspecified ? [] : [word("priority.\(advice.priority)")]
    section.blocks =
      blocks(advice.text)
      + facts(
        fact("label.addressee", organization(advice.addressee)), fact("label.state", state),
        fact("label.directive", directive(advice.directive)), fact("label.priority", priority),
        fact("label.due", [plain(advice.dueDate.isEmpty ? "" : dates.words(advice.dueDate))]),
        fact("label.response", phrases(advice.response)),
        fact("label.grounds", all: advice.grounds.map { subject($0.name) }),
        fact("label.successor", recommendation(advice.successor)))
    let followUps = advice.followUps.map { followUp in
      joined(
        [
          [plain(followUp.progressPercent.map { "\($0) %" } ?? "")].filter { !$0.text.isEmpty },
          phrases(followUp.note), link(followUp.evidenceURL),
        ], " – ")
    }
    if !followUps.isEmpty {
      section.sections = [
        Section(id: "\(section.id)-follow-up", title: [word("label.followUps")], blocks: [.list(followUps)])
      ]
    }
    return section
  }

  // MARK: Part E

  func coveragePart() -> (blocks: [Block], sections: [Section]) {
    (content.coverage.map { .table(table($0)) }, [])
  }

  private func table(_ coverage: OutcomeContent.CoverageTable) -> Outline.Table {
    let isElsewhere = coverage.rows.contains { row in
      row.cells.count > coverage.dialogues.count && (row.cells.last?.consultationCount ?? 0) > 0
    }
    let caption = directive(coverage.directive).map(\.text).joined(separator: " ")
    return Outline.Table(
      caption: plain(caption),
      columns: [[word("label.stakeholders")]] + coverage.dialogues.map(dialogue)
        + (isElsewhere ? [[word("label.elsewhere")]] : []),
      rows: coverage.rows.map { row in
        let cells = row.cells.prefix(coverage.dialogues.count + (isElsewhere ? 1 : 0))
        return [[word("stakeholders.\(row.stakeholderGroup)")]] + cells.map { cell($0, isGap: row.gap) }
      })
  }

  private func cell(_ cell: OutcomeContent.CoverageCell, isGap: Bool) -> [Phrase] {
    guard cell.consultationCount > 0 else { return [isGap ? word("text.notConsulted") : plain("–")] }
    guard !cell.organizations.isEmpty else { return [count(cell.countText)] }
    return joined(cell.organizations.map { [shortOrganization($0)] }, ", ")
  }

  // MARK: Annexes

  func partnerAnnex() -> (blocks: [Block], sections: [Section]) {
    guard !content.partners.isEmpty else { return ([], []) }
    let rows = content.partners.flatMap { partner in
      partner.involvements.map { involvement in
        [
          organization(partner.organization), [word("role.\(involvement.role)")], subject(involvement.subject),
          [period(involvement)], phrases(involvement.contribution),
        ]
      }
    }
    let table = Outline.Table(
      caption: word("annex.1"),
      columns: ["organization", "role", "subject", "period", "contribution"].map { [word("label.\($0)")] }, rows: rows)
    return ([.partners(map()), .table(table.withoutEmptyColumns)], [])
  }

  private func period(_ involvement: OutcomeContent.Involvement) -> Phrase {
    let (start, end) = (involvement.startDate, involvement.endDate)
    switch (start.isEmpty, end.isEmpty) {
    case (true, true): return plain("")
    case (false, true): return word("text.since", dates.words(start))
    case (true, false): return word("text.until", dates.words(end))
    case (false, false): return Phrase(text: dates.words(from: start, to: end), language: words.language)
    }
  }

  private func map() -> Outline.PartnerMap {
    let shown = content.partners.prefix(Self.mappedCountMax)
    let roles = Set(shown.flatMap { $0.involvements.map(\.role) }).sorted { $0.rawValue < $1.rawValue }
    let links = shown.enumerated().flatMap { number, partner in
      Set(partner.involvements.map(\.role)).compactMap { role in
        roles.firstIndex(of: role).map { (organization: number, role: $0) }
      }.sorted { $0.role < $1.role }
    }
    return Outline.PartnerMap(
      organizations: shown.map { shortOrganization($0.organization) }, roles: roles.map { word("role.\($0)") },
      links: links, moreCount: content.partners.count - shown.count)
  }

  func sourceAnnex() -> (blocks: [Block], sections: [Section]) {
    guard !content.sources.isEmpty else { return ([], []) }
    let items = content.sources.map { source in
      let title = phrases(source.title)
      let date = source.publishDate.isEmpty ? [] : [plain(dates.words(source.publishDate))]
      return joined(
        [
          title.isEmpty ? [plain(source.origin?.name ?? "")] : title,
          source.publisher.isEmpty ? [] : [plain(source.publisher)], date, link(source.url),
        ],
        ", ")
    }
    return ([.list(items)], [])
  }

  func gapAnnex() -> (blocks: [Block], sections: [Section]) {
    var sections: [Section] = []
    let gaps = content.gaps.map { gap in
      let waived = gap.waiveReason.isEmpty ? [] : [word("text.waived", gap.waiveReason)]
      return joined([joined([[word("gap.\(gap.kind)")], subject(gap.subject)], ": "), waived], "; ")
    }
    if !gaps.isEmpty { sections.append(Section(id: "missing", title: [word("label.missing")], blocks: [.list(gaps)])) }
    let withheld = content.withheld.map { part in
      let count = part.count > 0 ? "\(part.count)" : ""
      let line = joined([[word("part.\(part.part)")], [word("label.withheld")]], ": ")
      return count.isEmpty ? line : line + [plain("(\(count))")]
    }
    if !withheld.isEmpty {
      sections.append(Section(id: "withheld", title: [word("label.withheld")], blocks: [.list(withheld)]))
    }
    return ([], sections)
  }

  /// The records that anything was drawn from, with the digests by which they can be compared.
  func recordTable() -> Outline.Table {
    var digests: [String: String] = [:]
    Self.collect(content, into: &digests)
    let rows = digests.keys.sorted().map { [[plain($0)], [plain(digests[$0] ?? "")]] }
    return Outline.Table(
      caption: word("annex.4"), columns: [[word("label.record")], [word("label.digest")]], rows: rows)
  }

  private static func collect(_ message: any ProtobufMessage, into digests: inout [String: String]) {
    if let origin = message as? OutcomeContent.Origin {
      guard !origin.name.isEmpty else { return }
      // A dialogue that stands for what belongs to it has no digest, and may be there by itself as well.
      if digests[origin.name, default: ""].isEmpty { digests[origin.name] = origin.digest }
      return
    }
    for field in type(of: message).descriptor.fields where field.type.valueMessage != nil {
      switch message.value(ofField: field.number) {
      case .message(let inner): collect(inner, into: &digests)
      case .list(let elements): for case .message(let inner) in elements { collect(inner, into: &digests) }
      default: continue
      }
    }
  }
}

extension Outline.Table {
  /// The table without the columns in which nothing stands.
  var withoutEmptyColumns: Outline.Table {
    let told = columns.indices.filter { column in
      column == 0 || rows.contains { $0[column].contains { !$0.text.isEmpty } }
    }
    return Outline.Table(
      caption: caption, columns: told.map { columns[$0] }, rows: rows.map { row in told.map { row[$0] } })
  }
}
