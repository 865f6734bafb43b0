internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// Themes as the statements of SKOS, in the order in which every file has them.
struct ThemeGraph {
  /// The vocabularies that the statements are of: the prefix, and where its addresses begin.
  static let vocabularies: [(prefix: String, address: String)] = [
    ("dct", "http://purl.org/dc/terms/"), ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"), ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
  ]

  /// What is said of something.
  enum Object {
    case address(String)
    case text(String, language: String?)
    case truth
  }

  /// Everything that is said of one thing.
  struct Subject {
    /// Its address.
    let address: String
    /// What it is, such as `skos:Concept`.
    let type: String
    /// What is said of it.
    var statements: [(predicate: String, object: Object)] = []

    mutating func say(_ predicate: String, _ object: Object) { statements.append((predicate, object)) }

    mutating func say(_ predicate: String, _ text: LocalizedText?) {
      for (language, text) in text?.texts ?? [] { say(predicate, .text(text, language: language)) }
    }
  }

  /// The strictest label of what is said.
  let label: Marking.Label

  private let themes: [Theme]
  private let schemes: [String]
  private let records: ExportedRecords
  private let options: ExportOptions

  /// The themes that are narrower than one and may be spoken of there.
  private var narrower: [String: [String]] = [:]
  /// The themes that are related to one, whichever of the two says so.
  private var related: [String: Set<String>] = [:]

  init(_ records: ExportedRecords, _ options: ExportOptions) {
    self.records = records
    self.options = options
    label = records.label
    themes = records.written(Theme.self)
    schemes = Set(themes.map(\.scheme)).sorted()
    for theme in themes {
      for name in theme.broader {
        if let other = records.find(name, as: Theme.self, for: theme), other.label == theme.label {
          narrower[name, default: []].append(theme.name)
        }
      }
      for name in theme.related where records.isWritten(name, for: theme) {
        related[theme.name, default: []].insert(name)
        if records.find(name, as: Theme.self, for: theme)?.label == theme.label {
          related[name, default: []].insert(theme.name)
        }
      }
    }
  }

  /// How many subjects there are: the schemes, and then the themes.
  var subjectCount: Int { schemes.count + themes.count }

  /// One of the subjects.
  func subject(_ index: Int) -> Subject {
    index < schemes.count ? scheme(schemes[index]) : concept(themes[index - schemes.count])
  }

  private func address(ofScheme scheme: String) -> String { options.address("schemes/" + Self.segment(scheme)) }

  /// A text as one segment of an address.
  private static func segment(_ text: String) -> String {
    text.utf8.reduce(into: "") { segment, byte in
      let isPlain =
        byte.isLetter || byte.isDigit || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
      let digits = String(byte, radix: 16, uppercase: true)
      segment += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
    }
  }

  private func scheme(_ scheme: String) -> Subject {
    var subject = Subject(address: address(ofScheme: scheme), type: "skos:ConceptScheme")
    let members = themes.filter { $0.scheme == scheme }
    subject.say("dct:identifier", .text(scheme, language: nil))
    for theme in members where isTop(theme) { subject.say("skos:hasTopConcept", .address(options.address(theme.name))) }
    let strictest = members.map(\.label).max { $0.rawValue < $1.rawValue }
    if let text = strictest.flatMap(TLPLabel.text) { subject.say("dct:accessRights", .text(text, language: nil)) }
    return subject
  }

  /// Whether nothing in the file is broader.
  private func isTop(_ theme: Theme) -> Bool { !theme.broader.contains { records.isWritten($0, for: theme) } }

  private func concept(_ theme: Theme) -> Subject {
    var subject = Subject(address: options.address(theme.name), type: "skos:Concept")
    let scheme = address(ofScheme: theme.scheme)
    subject.say("skos:inScheme", .address(scheme))
    if isTop(theme) { subject.say("skos:topConceptOf", .address(scheme)) }
    if !theme.notation.isEmpty { subject.say("skos:notation", .text(theme.notation, language: nil)) }
    subject.say("skos:prefLabel", theme.prefLabel)
    for label in theme.altLabels { subject.say("skos:altLabel", .text(label.value, language: label.language)) }
    subject.say("skos:definition", theme.definition)
    subject.say("skos:scopeNote", theme.scopeNote)
    for name in theme.broader.sorted() where records.isWritten(name, for: theme) {
      subject.say("skos:broader", .address(options.address(name)))
    }
    for name in narrower[theme.name] ?? [] { subject.say("skos:narrower", .address(options.address(name))) }
    for name in (related[theme.name] ?? []).sorted() { subject.say("skos:related", .address(options.address(name))) }
    for address in theme.exactMatches { subject.say("skos:exactMatch", .address(address)) }
    for address in theme.closeMatches { subject.say("skos:closeMatch", .address(address)) }
    if theme.state == .deprecated { subject.say("owl:deprecated", .truth) }
    if records.isWritten(theme.replacedBy, for: theme) {
      subject.say("dct:isReplacedBy", .address(options.address(theme.replacedBy)))
    }
    if let text = TLPLabel.text(theme.label) {
      subject.say("dct:accessRights", .text(text, language: nil))
    }
    return subject
  }
}

/// Themes as SKOS in Turtle.
struct TurtleThemesFile: FileFormat {
  static let mediaType = "text/turtle; charset=utf-8"
  static let writtenKinds: [Kind] = [.theme]
  static let consultedKinds: [Kind] = []

  private let graph: ThemeGraph

  init(_ records: ExportedRecords, _ options: ExportOptions) { graph = ThemeGraph(records, options) }

  var partCount: Int { graph.subjectCount }

  func head() -> [UInt8] {
    let mark = TLPLabel.text(graph.label).map { "# \($0)\n" } ?? ""
    let prefixes = ThemeGraph.vocabularies.map { "@prefix \($0.prefix): \(TurtleText.iri($0.address)) .\n" }
    return Array((mark + prefixes.joined()).utf8)
  }

  func part(_ index: Int) -> [UInt8] {
    let subject = graph.subject(index)
    var text = "\n\(TurtleText.iri(subject.address)) a \(subject.type)"
    for (predicate, object) in subject.statements {
      text += " ;\n  \(predicate) "
      switch object {
      case .address(let address): text += TurtleText.iri(address)
      case .text(let literal, let language): text += TurtleText.literal(literal, language: language)
      case .truth: text += "true"
      }
    }
    return Array((text + " .\n").utf8)
  }

  func tail() -> [UInt8] { [] }
}

/// Themes as SKOS in RDF/XML.
struct XMLThemesFile: FileFormat {
  static let mediaType = "application/rdf+xml"
  static let writtenKinds: [Kind] = [.theme]
  static let consultedKinds: [Kind] = []

  private let graph: ThemeGraph
  private var xml = XMLText()

  init(_ records: ExportedRecords, _ options: ExportOptions) { graph = ThemeGraph(records, options) }

  var partCount: Int { graph.subjectCount }

  mutating func head() -> [UInt8] {
    xml.declaration()
    if let text = TLPLabel.text(graph.label) { xml.comment(text) }
    xml.start(
      "rdf:RDF", ThemeGraph.vocabularies.filter { $0.prefix != "xsd" }.map { ("xmlns:\($0.prefix)", $0.address) })
    return xml.take()
  }

  mutating func part(_ index: Int) -> [UInt8] {
    let subject = graph.subject(index)
    xml.start(subject.type, [("rdf:about", IRIText.escaped(subject.address))])
    for (predicate, object) in subject.statements {
      switch object {
      case .address(let address): xml.empty(predicate, [("rdf:resource", IRIText.escaped(address))])
      case .text(let text, let language): xml.element(predicate, language.map { [("xml:lang", $0)] } ?? [], text)
      case .truth: xml.element(predicate, [("rdf:datatype", "http://www.w3.org/2001/XMLSchema#boolean")], "true")
      }
    }
    xml.end()
    return xml.take()
  }

  mutating func tail() -> [UInt8] {
    xml.end()
    return xml.take()
  }
}
