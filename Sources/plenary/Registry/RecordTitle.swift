internal import PlenaryClient

/// What people call a record.
struct RecordTitle: Equatable, Sendable {
  /// The title in full.
  var text: String
  /// The acronym or symbol that people say instead; empty if there is none.
  var short = ""
  /// The language that it had to be taken in because it is not there in the reader's; else empty.
  var fallback = ""

  /// The title as people see it, with the language behind it where that is not theirs.
  var shown: String { LocalizedWords.marked(text, fallback: fallback) }

  /// The title with the short form behind it: `Counter-Terrorism Committee (CTC)`.
  var full: String {
    LocalizedWords.marked(short.isEmpty || short == text ? text : "\(text) (\(short))", fallback: fallback)
  }

  init(_ text: String, short: String = "", fallback: String = "") {
    self.text = text
    self.short = short
    self.fallback = fallback
  }

  /// The title of a record in a language, nil if it has none.
  init?(_ record: any ResourceMessage, language: String) {
    let descriptor = type(of: record).descriptor
    var fallback = ""
    func text(_ name: String) -> String? {
      guard let field = descriptor.field(named: name) else { return nil }
      switch record.value(ofField: field.number) {
      case .string(let text): return text
      case .message(let text as LocalizedText):
        let shown = LocalizedWords.shown(text, language)
        fallback = shown?.fallback ?? ""
        return shown?.text
      default: return nil
      }
    }
    let person = [text("given_name"), text("family_name")].compactMap(\.self).joined(separator: " ")
    let short = text("acronym") ?? text("symbol") ?? ""
    if !person.isEmpty {
      let words = [text("office_title"), person].compactMap(\.self).joined(separator: " ")
      self.init(words, fallback: fallback)
    } else if let title = text("title") ?? text("pref_label") {
      self.init(title, short: short, fallback: fallback)
    } else if !short.isEmpty {
      self.init(short)
    } else if let event = record as? Dialogue {
      // Many a workshop has no title of its own; when and where it was says which one is meant.
      let when = CivilDate.period(event.startDate, event.endDate)
      let words = [when, event.location.map(PlaceWords.words) ?? ""].filter { !$0.isEmpty }
      guard !words.isEmpty else { return nil }
      self.init(words.joined(separator: ", "))
    } else {
      return nil
    }
  }

  /// The fields that titles are made from, as far as a kind has them.
  static func paths(of descriptor: MessageDescriptor) -> [String] {
    ["name"] + fieldNames.filter { descriptor.field(named: $0) != nil }
  }

  private static let fieldNames = [
    "title", "pref_label", "acronym", "symbol", "given_name", "family_name", "office_title", "start_date",
    "end_date", "location",
  ]
}
