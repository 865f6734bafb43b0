internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// Dialogues as the events of an iCalendar file, RFC 5545.
///
/// A dialogue has days and no hours, so its event is a whole-day one: DTEND is the day after the last. The UID is the
/// record's uid (RFC 7986 §5.3 wants just that), SEQUENCE counts the changes of what was announced, DTSTAMP is the time of
/// the last change. There is no METHOD: a message of iTIP must have an organizer, which not every dialogue has.
struct CalendarFile: FileFormat {
  static let mediaType = "text/calendar; charset=utf-8"
  static let writtenKinds: [Kind] = [.dialogue]
  static let consultedKinds: [Kind] = [.organization, .theme, .series, .partnership]

  private let records: ExportedRecords
  private let options: ExportOptions
  private let events: [(dialogue: Dialogue, first: CivilDay, last: CivilDay)]
  private let parts: [String: [ExportedPart]]

  init(_ records: ExportedRecords, _ options: ExportOptions) {
    self.records = records
    self.options = options
    parts = records.parts()
    events = records.written(Dialogue.self).compactMap { dialogue in
      guard let start = dialogue.startDate.flatMap({ PartialDate($0) }), start.isComplete else { return nil }
      guard let last = dialogue.endDate else { return (dialogue, start.firstDay, start.firstDay) }
      guard let end = PartialDate(last), end.isComplete, end >= start else { return nil }
      return (dialogue, start.firstDay, end.firstDay)
    }
  }

  var partCount: Int { events.count }

  func head() -> [UInt8] {
    var lines: [UInt8] = []
    lines += CalendarText.line("BEGIN", [], "VCALENDAR")
    lines += CalendarText.line("VERSION", [], "2.0")
    lines += CalendarText.line("PRODID", [], "-//Plenary//Registry of policy dialogues//EN")
    lines += CalendarText.line("CALSCALE", [], "GREGORIAN")
    lines += Self.mark(records.label)
    return lines
  }

  func part(_ index: Int) -> [UInt8] {
    let (dialogue, first, last) = events[index]
    var lines = CalendarText.line("BEGIN", [], "VEVENT")
    lines += CalendarText.line("UID", [], dialogue.uid)
    if let time = dialogue.updateTime {
      lines += CalendarText.line("DTSTAMP", [], UTCText.compact(time))
      lines += CalendarText.line("LAST-MODIFIED", [], UTCText.compact(time))
    }
    if let time = dialogue.createTime { lines += CalendarText.line("CREATED", [], UTCText.compact(time)) }
    lines += CalendarText.line("SEQUENCE", [], String(dialogue.scheduleSequence))
    lines += CalendarText.line("STATUS", [], Self.status(dialogue.state))
    lines += CalendarText.line("DTSTART", [("VALUE", "DATE")], Self.compact(first))
    // The last day that dates can name has none after it.
    if PartialDate("\(last.next)") != nil {
      lines += CalendarText.line("DTEND", [("VALUE", "DATE")], Self.compact(last.next))
    }
    lines += summary(of: dialogue)
    if let text = dialogue.summary?.chosen(options.languages) { lines += Self.text("DESCRIPTION", text) }
    if let location = dialogue.location { lines += Self.place(location) }
    for (language, labels) in categories(of: dialogue) {
      lines += CalendarText.line(
        "CATEGORIES", [("LANGUAGE", language)], labels.map(CalendarText.text).joined(separator: ","))
    }
    lines += organizer(of: dialogue)
    if let series = records.find(dialogue.series, as: Series.self, for: dialogue) {
      lines += CalendarText.line("RELATED-TO", [("RELTYPE", "PARENT")], series.uid)
    }
    if options.baseURI != ExportOptions.baseURIDefault {
      lines += CalendarText.line("URL", [], IRIText.escaped(options.address(dialogue.name)))
    }
    lines += CalendarText.line("CLASS", [], Self.accessClass(dialogue.label))
    return lines + Self.mark(dialogue.label) + CalendarText.line("END", [], "VEVENT")
  }

  func tail() -> [UInt8] { CalendarText.line("END", [], "VCALENDAR") }

  /// The title; where there is none, what the dialogue is by its series and number.
  private func summary(of dialogue: Dialogue) -> [UInt8] {
    if let text = dialogue.title?.chosen(options.languages) { return Self.text("SUMMARY", text) }
    guard let series = records.find(dialogue.series, as: Series.self, for: dialogue)?.title?.chosen(options.languages)
    else {
      return CalendarText.line("SUMMARY", [], CalendarText.text(dialogue.name))
    }
    return Self.text(
      "SUMMARY", (series.language, dialogue.ordinal > 0 ? "\(series.text) (\(dialogue.ordinal))" : series.text))
  }

  /// The labels of the themes, those of each language together.
  private func categories(of dialogue: Dialogue) -> [(language: String, labels: [String])] {
    var categories: [(language: String, labels: [String])] = []
    for name in dialogue.themes {
      guard let label = records.find(name, as: Theme.self, for: dialogue)?.prefLabel?.chosen(options.languages) else {
        continue
      }
      if let index = categories.firstIndex(where: { $0.language == label.language }) {
        categories[index].labels.append(label.text)
      } else {
        categories.append((label.language, [label.text]))
      }
    }
    return categories
  }

  /// The organizer, of which a calendar takes one.
  private func organizer(of dialogue: Dialogue) -> [UInt8] {
    let organizers = (parts[dialogue.name] ?? []).filter { [.organizer, .coOrganizer].contains($0.role) }
    guard let organization = organizers.first?.organization, let name = organization.title?.chosen(options.languages)
    else { return [] }
    let address = organization.url.isEmpty ? options.address(organization.name) : organization.url
    return CalendarText.line("ORGANIZER", [("CN", name.text), ("LANGUAGE", name.language)], IRIText.escaped(address))
  }

  private static func place(_ location: Dialogue.Location) -> [UInt8] {
    let country = CodeTable.regions.row(location.regionCode).flatMap { $0.count > 3 ? String($0[3]) : nil }
    let words = [location.venue, location.address, location.locality, country ?? location.regionCode]
    let text = words.filter { !$0.isEmpty }.joined(separator: ", ")
    var lines = text.isEmpty ? [] : CalendarText.line("LOCATION", [], CalendarText.text(text))
    if let latitude = location.latitude, let longitude = location.longitude {
      lines += CalendarText.line("GEO", [], "\(DecimalText.degrees(latitude));\(DecimalText.degrees(longitude))")
    }
    return lines
  }

  private static func text(_ name: String, _ text: (language: String, text: String)) -> [UInt8] {
    CalendarText.line(name, [("LANGUAGE", text.language)], CalendarText.text(text.text))
  }

  private static func mark(_ label: Marking.Label) -> [UInt8] {
    TLPLabel.text(label).map { CalendarText.line("X-PLENARY-TLP", [], $0) } ?? []
  }

  private static func compact(_ day: CivilDay) -> String { "\(day)".filter { $0 != "-" } }

  private static func status(_ state: Dialogue.State) -> String {
    switch state {
    case .cancelled: "CANCELLED"
    case .scheduled, .running, .concluded, .archived: "CONFIRMED"
    default: "TENTATIVE"
    }
  }

  /// Only what everyone may have is public.
  private static func accessClass(_ label: Marking.Label) -> String {
    switch label {
    case .clear: "PUBLIC"
    case .green: "PRIVATE"
    default: "CONFIDENTIAL"
    }
  }
}
