internal import PlenaryAPI

/// A report in one language as sections of blocks: what all renderings have in common.
struct Outline {
  /// The language that was asked for.
  let language: String

  /// The fixed words.
  let words: FixedWords

  /// What it is called.
  var title: [Phrase] = []

  /// What it is about: the series.
  var series: [Phrase] = []

  /// How far it may be shared, such as `TLP:GREEN`.
  var label = ""

  /// What is known of the content.
  var imprint: [Fact] = []

  /// The parts and annexes.
  var sections: [Section] = []

  /// What the rest of the program has to know of the content: for identification in formats that ask for it.
  var identification = Identification()

  /// What identifies the content.
  struct Identification {
    var report = ""
    var series = ""
    var digest = ""
    /// A whole day of the last dialogue; empty if there is none.
    var date = ""
    /// The organizations that are named: the record and what they are called.
    var organizations: [(name: String, title: String)] = []
  }

  /// A piece of a line: a text in one language.
  struct Phrase: Equatable {
    var text: String
    var language: String
    var isStrong = false
    var isNote = false
    /// Where it leads: `#` and the id of a section, or an address.
    var link = ""
  }

  /// A label and what is said there.
  struct Fact {
    var label: Phrase
    var values: [[Phrase]]
  }

  /// A part of the report.
  struct Section {
    var id: String
    /// What stands before the title, such as `Part A`.
    var number: Phrase?
    var title: [Phrase]
    var blocks: [Block] = []
    var sections: [Section] = []
  }

  /// A table whose first column says what a row is about.
  struct Table {
    var caption: Phrase
    var columns: [[Phrase]]
    var rows: [[[Phrase]]]
  }

  /// What a section consists of.
  enum Block {
    case paragraph([Phrase])
    case notice([Phrase])
    case list([[Phrase]])
    case facts([Fact])
    case table(Table)
    case timeline([TimelineEntry])
    case partners(PartnerMap)
  }

  /// A dialogue on the timeline.
  struct TimelineEntry {
    var ordinal: Int32
    var date: Phrase
    var place: Phrase
    /// The day that its place follows from, in months from the beginning of the calendar; nil if it is not known.
    var month: Int?
  }

  /// Which organizations had which roles.
  struct PartnerMap {
    var organizations: [Phrase]
    var roles: [Phrase]
    /// Pairs of an organization and a role, by their numbers.
    var links: [(organization: Int, role: Int)]
    /// How many organizations are not shown.
    var moreCount: Int
  }
}
