internal import PlenaryAPI
internal import ProtobufRuntime

/// A public format: which records a file of it is about, and its text in parts.
///
/// The text follows from the records and the options alone: no clock, no chance, no locale and no order of a hash table has
/// a say in it.
protocol FileFormat {
  /// What such a file is, for whoever gets it.
  static var mediaType: String { get }

  /// The kinds that it is about.
  static var writtenKinds: [Kind] { get }

  /// The kinds that are looked up for them.
  static var consultedKinds: [Kind] { get }

  /// A file of records.
  init(_ records: ExportedRecords, _ options: ExportOptions)

  /// How many parts there are between the first and the last one.
  var partCount: Int { get }

  /// What stands before them.
  mutating func head() -> [UInt8]

  /// One of them. They are asked for once each, in order.
  mutating func part(_ index: Int) -> [UInt8]

  /// What stands behind them.
  mutating func tail() -> [UInt8]
}

/// The formats that files are written in.
enum FileFormats {
  /// The format by its number in the API; nil for those that are no files made of a collection of records.
  static func format(_ format: ExportRegistryRequest.Format) -> (any FileFormat.Type)? {
    switch format {
    case .icalendar: CalendarFile.self
    case .schemaOrg: SchemaOrgFile.self
    case .skosTurtle: TurtleThemesFile.self
    case .skosRdfXml: XMLThemesFile.self
    case .stix: STIXFile.self
    case .iati: IATIFile.self
    default: nil
    }
  }

  /// The strictest label that a file can hold: what is marked RED goes to those who are named, and to no file.
  static let ceiling = Marking.Label.amberStrict
}
