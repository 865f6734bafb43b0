internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// The columns in which the records of a kind are listed.
struct ListColumns {
  /// One column: its title, and the fields that it shows.
  private struct Source {
    var title: String
    var fields: [String]
    var alignment = Table.Alignment.left
    var widthMin = 10
  }

  let columns: [Table.Column]
  /// The fields that the columns need.
  let paths: [String]

  private let sources: [Source]
  private let descriptor: MessageDescriptor
  private let language: String

  init(of kind: Kind, language: String, showsDeletion: Bool) {
    descriptor = kind.descriptor
    self.language = language
    var sources = Self.chosen[kind.resource.singular] ?? Self.guessed(kind.descriptor)
    if showsDeletion { sources.append(Source(title: "DELETED", fields: ["delete_time"])) }
    self.sources = sources
    columns =
      [Table.Column(title: "NAME", isFixed: true)]
      + sources.map { Table.Column(title: $0.title, alignment: $0.alignment, widthMin: $0.widthMin) }
    paths = ["name"] + sources.flatMap(\.fields)
  }

  /// The row of a record.
  /// - Parameter isOverdue: Whether the day by which it was to be done has passed.
  func cells(of record: any ResourceMessage, isOverdue: Bool = false) -> [String] {
    [record.name]
      + sources.map { cell($0, record) + (isOverdue && $0.fields == Self.due ? ", overdue" : "") }
  }

  private func cell(_ source: Source, _ record: any ResourceMessage) -> String {
    let values = source.fields.compactMap { name -> (FieldDescriptor, FieldValue?)? in
      descriptor.field(named: name).map { ($0, record.value(ofField: $0.number)) }
    }
    if source.fields == Self.period {
      return CivilDate.period(values[0].1?.message as? GoogleDate, values[1].1?.message as? GoogleDate)
    }
    let texts = values.map { field, value in
      if case .message(let location as Dialogue.Location)? = value { return PlaceWords.words(location) }
      return FieldWords.cell(value, of: field, language: language)
    }
    // Of several fields the first that says something stands for all.
    return texts.first { !$0.isEmpty } ?? ""
  }

  private static let period = ["start_date", "end_date"]
  private static let due = ["due_date"]

  /// What people look for first, by the kind's singular.
  private static let chosen: [String: [Source]] = [
    "source": [
      Source(title: "TITLE", fields: ["title"]), Source(title: "PUBLISHER", fields: ["publisher"]),
      Source(title: "PUBLISHED", fields: ["publish_date"]),
    ],
    "organization": [
      Source(title: "ACRONYM", fields: ["acronym"]), Source(title: "TITLE", fields: ["title"], widthMin: 24),
      Source(title: "REGION", fields: ["region_code"]), Source(title: "KIND", fields: ["kind"]),
    ],
    "person": [
      Source(title: "FAMILY NAME", fields: ["family_name"]), Source(title: "GIVEN NAME", fields: ["given_name"]),
      Source(title: "OFFICE", fields: ["office_title"]), Source(title: "ORGANIZATION", fields: ["organization"]),
    ],
    "theme": [
      Source(title: "LABEL", fields: ["pref_label"], widthMin: 20), Source(title: "NOTATION", fields: ["notation"]),
      Source(title: "SCHEME", fields: ["scheme"]), Source(title: "STATE", fields: ["state"]),
    ],
    "mandate": [
      Source(title: "SYMBOL", fields: ["symbol"]), Source(title: "ADOPTED", fields: ["adopt_date"]),
      Source(title: "KIND", fields: ["kind"]), Source(title: "TITLE", fields: ["title"]),
    ],
    "directive": [
      number, Source(title: "VERB", fields: ["verb"]), Source(title: "SUMMARY", fields: ["summary"]),
    ],
    "initiative": [
      Source(title: "TITLE", fields: ["title"]), Source(title: "OWNER", fields: ["owner_organization"]),
    ],
    "series": [
      Source(title: "TITLE", fields: ["title"]), Source(title: "LAUNCHED", fields: ["launch_date"]),
      Source(title: "STATE", fields: ["state"]),
    ],
    "dialogue": [
      number, Source(title: "DATES", fields: period, widthMin: 18),
      Source(title: "PLACE", fields: ["location"], widthMin: 16), Source(title: "STATE", fields: ["state"]),
      Source(title: "FORMAT", fields: ["format"]), Source(title: "TITLE", fields: ["title"]),
    ],
    "workingGroup": [
      number, Source(title: "TITLE OR THEME", fields: ["title", "theme"], widthMin: 20),
      Source(title: "STATE", fields: ["state"]),
    ],
    "panel": [
      number, Source(title: "TITLE", fields: ["title"], widthMin: 20), Source(title: "STATE", fields: ["state"]),
      Source(title: "SUMMARY", fields: ["summary"]),
    ],
    "intervention": [
      Source(title: "KIND", fields: ["kind"]), Source(title: "SPEAKER", fields: ["speaker"]),
      Source(title: "SUMMARY", fields: ["summary"]),
    ],
    "finding": [
      number, Source(title: "KIND", fields: ["kind"]), Source(title: "TEXT", fields: ["text"], widthMin: 20),
      Source(title: "ORIGIN", fields: ["origin"]),
    ],
    "partnership": [
      Source(title: "SUBJECT", fields: ["subject"]), Source(title: "KIND", fields: ["kind"]),
      Source(title: "STATE", fields: ["state"]), Source(title: "TITLE", fields: ["title"]),
    ],
    "consultation": [
      Source(title: "GROUP", fields: ["stakeholder_group"]), Source(title: "HELD", fields: ["hold_date"]),
      Source(title: "STATE", fields: ["state"]), Source(title: "DIRECTIVE", fields: ["directive"]),
    ],
    "recommendation": [
      Source(title: "STATE", fields: ["state"]), Source(title: "DUE", fields: due),
      Source(title: "PRIORITY", fields: ["priority"]), Source(title: "ADDRESSEE", fields: ["addressee"]),
      Source(title: "TEXT", fields: ["text"], widthMin: 20),
    ],
    "followUp": [
      Source(title: "TOLD", fields: ["create_time"]),
      Source(title: "PERCENT", fields: ["progress_percent"], alignment: .right),
      Source(title: "AUTHOR", fields: ["author"]), Source(title: "NOTE", fields: ["note"], widthMin: 20),
    ],
    "outcomeReport": [
      Source(title: "TITLE", fields: ["title"]), Source(title: "SERIES", fields: ["series"]),
      Source(title: "STATE", fields: ["state"]),
    ],
    "sharingGroup": [
      Source(title: "TITLE", fields: ["title"]), Source(title: "ORGANIZATIONS", fields: ["organizations"]),
      Source(title: "GROUPS", fields: ["groups"]),
    ],
    "client": [
      Source(title: "ORGANIZATION", fields: ["organization"]), Source(title: "MAX LABEL", fields: ["max_label"]),
      Source(title: "EXPIRES", fields: ["expire_time"]),
    ],
  ]

  private static let number = Source(title: "NO", fields: ["ordinal"], alignment: .right)

  /// For a kind that nobody chose columns for: its first fields with one value.
  private static func guessed(_ descriptor: MessageDescriptor) -> [Source] {
    let fields = descriptor.fields.filter { $0.number >= 21 && $0.cardinality != .repeated && !$0.isMap }
    return fields.prefix(4).map { Source(title: FieldWords.label($0).uppercased(), fields: [$0.name]) }
  }
}
