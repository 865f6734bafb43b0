internal import PlenaryClient

/// What stands in a report, in a screenful.
struct ReportOverview {
  let content: OutcomeContent
  let header: OutcomeContentHeader
  let language: String

  /// The parts of the report, and how much is in each.
  var sheet: Sheet {
    var sheet = Sheet()
    sheet.addHead(header.report, StyledText(text(content.title)))
    sheet.add("state", header.state.description)
    sheet.add("label", EnumWords.words(content.highestLabel.description))
    sheet.add("digest", header.contentDigest)
    sheet.add("revision", header.inputRevision)
    for redaction in header.redactions { sheet.add("redacted", "before it: \(redaction.replacedDigest)") }
    sheet.addSpace()
    let mandates = content.background?.mandates ?? []
    sheet.add("A mandates", mandates.map(\.symbol).joined(separator: ", "))
    sheet.add("B dialogues", content.dialogues.map { StyledText(dialogue($0)) })
    sheet.add("C themes", content.themes.map { StyledText(theme($0)) })
    sheet.add("D recommendations", content.recommendations.map { StyledText("\($0.state) \(text($0.text))") })
    sheet.add("E consultations", content.coverage.map { StyledText(coverage($0)) })
    sheet.add("partners", "\(content.partners.count)")
    sheet.add("sources", "\(content.sources.count)")
    sheet.add(
      "gaps",
      content.gaps.map { gap in
        StyledText(
          "\(EnumWords.words(gap.kind.description)): \(gap.subject)" + (gap.waiveReason.isEmpty ? "" : ", waived"))
      })
    return sheet
  }

  private func text(_ paragraph: OutcomeContent.Paragraph?) -> String {
    let texts = paragraph?.texts ?? []
    return TerminalText.oneLine((texts.first { $0.languageCode == language } ?? texts.first)?.text ?? "")
  }

  private func dialogue(_ section: OutcomeContent.DialogueSection) -> String {
    let place = [section.locality, section.startDate].filter { !$0.isEmpty }.joined(separator: ", ")
    let title = text(section.title)
    let panels = section.panels.count { $0.summary != nil }
    return
      "\(section.ordinal). \(title.isEmpty ? section.origin?.name ?? "" : title) (\(place)): \(panels) panels summed up"
  }

  private func theme(_ section: OutcomeContent.ThemeSection) -> String {
    let label = text(section.label)
    let findings = section.findings.reduce(0) { $0 + $1.findings.count }
    return "\(label.isEmpty ? "without a theme" : label): \(section.results.count) results, \(findings) findings"
  }

  private func coverage(_ table: OutcomeContent.CoverageTable) -> String {
    let gaps = table.rows.count(where: \.gap)
    return "\(table.directive): \(table.rows.count - gaps) of \(table.rows.count) groups consulted"
  }
}
