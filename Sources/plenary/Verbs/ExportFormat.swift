internal import PlenaryAPI
internal import ProtobufRuntime

/// What an export is written as, by the words of the command line.
enum ExportFormat: String, CaseIterable {
  /// What an import reads.
  case bundle
  /// Dialogues as iCalendar.
  case ics
  /// Series, dialogues and organizations as schema.org in JSON-LD.
  case jsonld
  /// Themes as SKOS in Turtle.
  case skos
  /// Themes as SKOS in RDF/XML.
  case skosXML = "skos-xml"
  /// One kind as comma-separated values.
  case csv
  /// Organizations and findings as STIX 2.1.
  case stix
  /// Organizations as IATI 2.03.
  case iati

  /// What the options say of themselves.
  static let help = """
    bundle (what import reads), ics (dialogues as iCalendar), jsonld (series, dialogues and organizations in schema.org), \
    skos or skos-xml (themes as SKOS in Turtle or RDF/XML), csv (one kind as a table), stix (organizations and findings as \
    STIX 2.1), iati (organizations as IATI 2.03).
    """

  /// The format that a word stands for.
  ///
  /// - Throws: a `Failure` that names the one that was probably meant.
  init(word: String) throws(Failure) {
    guard let format = Self(rawValue: word.lowercased()) else {
      let words = Self.allCases.map(\.rawValue)
      throw Failure(
        .usage, "there is no format '\(word)'" + Suggestion.hint(for: word, among: words),
        details: ["formats: " + words.joined(separator: ", ")])
    }
    self = format
  }

  /// The format in the API.
  var message: ExportRegistryRequest.Format {
    switch self {
    case .bundle: .bundle
    case .ics: .icalendar
    case .jsonld: .schemaOrg
    case .skos: .skosTurtle
    case .skosXML: .skosRdfXml
    case .csv: .csv
    case .stix: .stix
    case .iati: .iati
    }
  }
}
