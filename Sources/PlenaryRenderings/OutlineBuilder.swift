internal import PlenaryAPI
internal import ProtobufRuntime
internal import StandardCodes

/// Makes the outline of a content in one language.
struct OutlineBuilder {
  typealias Phrase = Outline.Phrase
  typealias Fact = Outline.Fact
  typealias Section = Outline.Section
  typealias Block = Outline.Block

  let content: OutcomeContent
  let imprint: ReportImprint
  let language: String
  let words: FixedWords
  let dates: DateWords

  private let organizations: [String: OutcomeContent.NamedOrganization]
  private let persons: [String: OutcomeContent.NamedPerson]
  private let dialogues: [String: OutcomeContent.DialogueSection]
  private let themes: [String: OutcomeContent.ThemeSection]
  private let directives: [String: String]
  private let advice: [String: Int]

  init(_ content: OutcomeContent, _ imprint: ReportImprint, _ language: String) {
    func table<Value>(_ pairs: [(String, Value)]) -> [String: Value] {
      Dictionary(pairs.filter { !$0.0.isEmpty }) { first, _ in first }
    }
    self.content = content
    self.imprint = imprint
    self.language = language
    let known = FixedWords(for: language)
    words = known
    dates = DateWords(language: known.language)
    organizations = table(content.organizations.map { ($0.origin?.name ?? "", $0) })
    persons = table(content.persons.map { ($0.origin?.name ?? "", $0) })
    dialogues = table(content.dialogues.map { ($0.origin?.name ?? "", $0) })
    themes = table(content.themes.map { ($0.origin?.name ?? "", $0) })
    advice = table(content.recommendations.enumerated().map { ($1.origin?.name ?? "", $0) })
    directives = table(
      (content.background?.mandates ?? []).flatMap { mandate in
        mandate.directives.enumerated().map { number, directive in
          let paragraph = "\(known("label.paragraph").lowercased()) \(directive.paragraph)"
          return (
            directive.origin?.name ?? "",
            directive.paragraph.isEmpty ? "\(mandate.symbol) (\(number + 1))" : "\(mandate.symbol), \(paragraph)"
          )
        }
      })
  }

  /// The outline.
  func outline() -> Outline {
    var outline = Outline(language: language, words: words)
    outline.title = phrases(content.title)
    if outline.title.isEmpty { outline.title = [word("document.report")] }
    outline.series = phrases(content.seriesTitle)
    outline.label = Self.label(content.highestLabel)
    outline.imprint = imprintFacts()
    outline.sections =
      [
        part("A", backgroundPart()), part("B", dialoguePart()), part("C", themePart()), part("D", advicePart()),
        part("E", coveragePart()), annex(1, partnerAnnex()), annex(2, sourceAnnex()), annex(3, gapAnnex()),
      ]
    outline.sections.append(annex(4, ([.table(recordTable())], [])))
    outline.identification = identification()
    return outline
  }

  // MARK: Phrases

  /// Words of the rendering's own.
  func word(_ key: String, _ value: String? = nil) -> Phrase {
    Phrase(text: words(key, value), language: words.language)
  }

  /// Text that is in no language, such as a symbol or a name.
  func plain(_ text: String) -> Phrase { Phrase(text: text, language: "") }

  /// The text of a paragraph in the language of the rendering, and what has to be said of it.
  func phrases(_ paragraph: OutcomeContent.Paragraph?) -> [Phrase] {
    let texts = paragraph?.texts ?? []
    guard let text = texts.first(where: { $0.languageCode == language }) ?? texts.first, !text.text.isEmpty else {
      return []
    }
    let actual = text.actualLanguageCode.isEmpty ? text.languageCode : text.actualLanguageCode
    return [Phrase(text: text.text, language: actual)] + notes(text, actual)
  }

  private func notes(_ text: OutcomeContent.Text, _ actual: String) -> [Phrase] {
    var notes: [Phrase] = []
    if text.fallback { notes.append(Phrase(text: "[\(actual)]", language: "", isNote: true)) }
    if text.translation == .machine {
      var note = word("text.machine")
      (note.text, note.isNote) = ("[\(note.text)]", true)
      notes.append(note)
    }
    return notes
  }

  /// A text of a record as blocks: a paragraph for each of its own.
  func blocks(_ paragraph: OutcomeContent.Paragraph?) -> [Block] {
    let all = phrases(paragraph)
    guard let first = all.first else { return [] }
    var parts = PlainText.paragraphs(first.text).map { [Phrase(text: $0, language: first.language)] }
    guard !parts.isEmpty else { return [] }
    parts[parts.count - 1] += all.dropFirst()
    return parts.map { .paragraph($0) }
  }

  func fact(_ key: String, _ values: [Phrase]...) -> Fact? { fact(key, all: values) }

  func fact(_ key: String, all values: [[Phrase]]) -> Fact? {
    let told = values.filter { $0.contains { !$0.text.isEmpty } }
    return told.isEmpty ? nil : Fact(label: word(key), values: told)
  }

  func facts(_ facts: Fact?...) -> [Block] {
    let told = facts.compactMap(\.self)
    return told.isEmpty ? [] : [.facts(told)]
  }

  /// Phrases with something between them, as the language writes it.
  func joined(_ parts: [[Phrase]], _ separator: String) -> [Phrase] {
    Array(parts.filter { !$0.isEmpty }.joined(separator: [plain(mark(separator))]))
  }

  /// Texts with a comma between those that are not empty.
  func listed(_ texts: [String]) -> String { texts.filter { !$0.isEmpty }.joined(separator: mark(", ")) }

  private func mark(_ separator: String) -> String {
    guard words.language == "ar" else { return separator }
    return separator == ", " ? "، " : separator == "; " ? "؛ " : separator
  }

  // MARK: What records are called

  func organization(_ name: String) -> [Phrase] {
    guard !name.isEmpty else { return [] }
    guard let known = organizations[name] else { return [plain(name)] }
    let title = phrases(known.title)
    guard !title.isEmpty else { return [plain(known.acronym.isEmpty ? name : known.acronym)] }
    guard !known.acronym.isEmpty, known.acronym != title[0].text else { return title }
    return title + [plain("(\(known.acronym))")]
  }

  /// The short name of an organization, where there is little room.
  func shortOrganization(_ name: String) -> Phrase {
    guard let known = organizations[name], known.acronym.isEmpty else {
      return plain(organizations[name]?.acronym ?? name)
    }
    return phrases(known.title).first ?? plain(name)
  }

  func person(_ name: String) -> [Phrase] {
    guard !name.isEmpty else { return [] }
    guard let known = persons[name] else { return [plain(name)] }
    if known.redacted {
      var notice =
        known.redactDate.isEmpty ? word("text.redactedUndated") : word("text.redacted", dates.words(known.redactDate))
      notice.isNote = true
      return [notice]
    }
    let full = [known.givenName, known.familyName].filter { !$0.isEmpty }.joined(separator: " ")
    return joined(
      [[plain(full.isEmpty ? name : full)], phrases(known.officeTitle), organization(known.organization)], ", ")
  }

  /// When and where a dialogue was, which leads to its section.
  func dialogue(_ name: String) -> [Phrase] {
    guard !name.isEmpty else { return [] }
    guard let known = dialogues[name] else { return [plain(name)] }
    return [Phrase(text: dialogueText(known), language: words.language, link: "#\(Self.id(of: known))")]
  }

  func dialogueText(_ dialogue: OutcomeContent.DialogueSection) -> String {
    let when = dates.words(from: dialogue.startDate, to: dialogue.endDate)
    let text = listed([when, Self.place(dialogue)])
    guard text.isEmpty else { return text }
    return phrases(dialogue.title).first?.text ?? "\(dialogue.ordinal)"
  }

  static func id(of dialogue: OutcomeContent.DialogueSection) -> String {
    "dialogue-" + (dialogue.origin?.name ?? "").split(separator: "/").joined(separator: "-")
  }

  static func place(_ dialogue: OutcomeContent.DialogueSection) -> String {
    [dialogue.locality, dialogue.regionCode].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  func directive(_ name: String) -> [Phrase] { name.isEmpty ? [] : [plain(directives[name] ?? name)] }

  func recommendation(_ name: String) -> [Phrase] {
    guard !name.isEmpty else { return [] }
    guard let number = advice[name] else { return [plain(name)] }
    return [
      Phrase(
        text: "\(words("label.recommendation")) \(number + 1)", language: words.language,
        link: "#recommendation-\(number + 1)")
    ]
  }

  /// Whatever a gap or a reference is about.
  func subject(_ name: String) -> [Phrase] {
    if let theme = themes[name] { return phrases(theme.label) }
    if dialogues[name] != nil { return dialogue(name) }
    if name == content.series { return phrases(content.seriesTitle) }
    if name == content.background?.initiative?.origin?.name { return phrases(content.background?.initiative?.title) }
    let parts = name.split(separator: "/")
    if parts.count == 4, dialogues["\(parts[0])/\(parts[1])"] != nil {
      return joined([dialogue("\(parts[0])/\(parts[1])"), [plain(String(parts[3]))]], ": ")
    }
    return [plain(name)]
  }

  static func area(_ code: String) -> String {
    let line = AreaTable.lines.split(separator: "\n").first { $0.hasPrefix(code + "\t") }
    return line.map { String($0.split(separator: "\t")[1]) } ?? code
  }

  static func label(_ label: Marking.Label) -> String {
    switch label {
    case .clear: "TLP:CLEAR"
    case .green: "TLP:GREEN"
    case .amber: "TLP:AMBER"
    case .amberStrict: "TLP:AMBER+STRICT"
    case .red: "TLP:RED"
    default: ""
    }
  }

  // MARK: Parts

  private typealias Contents = (blocks: [Block], sections: [Section])

  private func part(_ letter: String, _ contents: Contents) -> Section {
    Section(
      id: "part-\(letter.lowercased())", number: word("part.PART_\(letter)"), title: [word("part.\(letter)")],
      blocks: told(contents), sections: contents.sections)
  }

  private func annex(_ number: Int, _ contents: Contents) -> Section {
    var label = word("annex")
    label.text += " \(number)"
    return Section(
      id: "annex-\(number)", number: label, title: [word("annex.\(number)")], blocks: told(contents),
      sections: contents.sections)
  }

  private func told(_ contents: Contents) -> [Block] {
    contents.blocks.isEmpty && contents.sections.isEmpty ? [.paragraph([word("text.none")])] : contents.blocks
  }

  private func imprintFacts() -> [Fact] {
    let status = imprint.state == .unspecified ? [] : [word("report.\(imprint.state)")]
    let replaced = content.replacedDigest.isEmpty ? [] : [plain(content.replacedDigest)]
    let about: [Fact?] = [
      fact("label.state", status), fact("document.classification", [plain(Self.label(content.highestLabel))]),
      fact("label.record", [plain(imprint.report)]), fact("label.contentDigest", [plain(imprint.contentDigest)]),
      fact("label.revision", [plain(imprint.revision)]), fact("label.treeHead", [plain(imprint.treeHead)]),
      fact("document.version", [plain(content.templateVersion == 0 ? "" : "\(content.templateVersion)")]),
      fact("document.replaced", replaced),
    ]
    return about.compactMap(\.self)
  }

  private func identification() -> Outline.Identification {
    var identification = Outline.Identification()
    identification.report = imprint.report
    identification.series = content.series
    identification.digest = imprint.contentDigest
    let days = content.dialogues.map { $0.endDate.isEmpty ? $0.startDate : $0.endDate }
    identification.date = days.filter { $0.utf8.count == 10 }.max() ?? ""
    identification.organizations = content.organizations.map { known in
      let name = known.origin?.name ?? ""
      return (name, organization(name).map(\.text).joined(separator: " "))
    }
    return identification
  }
}
