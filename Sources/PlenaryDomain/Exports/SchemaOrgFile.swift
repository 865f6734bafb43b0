internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// Series, dialogues and organizations as JSON-LD in the vocabulary of schema.org.
///
/// The context stands in the file, so that it can be read without a network. schema.org has no word for how far an event may
/// be shared; that of each node is the Traffic Light Protocol's, under `tlp`, and that of the file is the
/// `conditionsOfAccess` of its first node.
struct SchemaOrgFile: FileFormat {
  static let mediaType = "application/ld+json"
  static let writtenKinds: [Kind] = [.organization, .series, .dialogue]
  static let consultedKinds: [Kind] = [.organization, .theme, .series, .dialogue, .partnership]

  /// The address of the property that says how far a node may be shared.
  static let tlpAddress = "urn:plenary:tlp"

  private let records: ExportedRecords
  private let options: ExportOptions
  private let nodes: [any ProtobufMessage]
  private let parts: [String: [ExportedPart]]
  private let dialogues: [String: [Dialogue]]

  init(_ records: ExportedRecords, _ options: ExportOptions) {
    self.records = records
    self.options = options
    nodes = records.written(Organization.self) + records.written(Series.self) + records.written(Dialogue.self)
    parts = records.parts()
    dialogues = Dictionary(grouping: records.written(Dialogue.self), by: \.series)
  }

  var partCount: Int { nodes.count }

  func head() -> [UInt8] {
    let context = JSONTree.members([
      "@vocab": .string("https://schema.org/"), "tlp": .members(["@id": .string(Self.tlpAddress)]),
    ])
    let feed = JSONTree.members([
      "@type": .string("DataFeed"), "conditionsOfAccess": TLPLabel.text(records.label).map { .string($0) },
    ])
    let head = "{\n  \"@context\": \(Self.text(context, 1)),\n  \"@graph\": [\n    \(Self.text(feed, 2))"
    return Array(head.utf8)
  }

  func part(_ index: Int) -> [UInt8] {
    let node =
      switch nodes[index] {
      case let organization as Organization: node(organization)
      case let series as Series: node(series)
      case let dialogue as Dialogue: node(dialogue)
      default: preconditionFailure("a node is of a kind that the file is about")
      }
    return Array(",\n    \(Self.text(node, 2))".utf8)
  }

  func tail() -> [UInt8] { Array("\n  ]\n}\n".utf8) }

  private static func text(_ tree: JSONTree, _ indentation: Int) -> String {
    String(decoding: tree.bytes(indentation: indentation), as: UTF8.self)
  }

  // MARK: Nodes

  private func node(_ organization: Organization) -> JSONTree {
    let names =
      Self.texts(organization.alternativeTitles.map { ($0.language, $0.value) })
      + (organization.acronym.isEmpty ? [] : [.string(organization.acronym)])
    let identifiers = organization.identifiers.map { identifier in
      JSONTree.members([
        "@type": .string("PropertyValue"), "propertyID": .string(identifier.scheme.description),
        "value": .string(identifier.value),
      ])
    }
    return .members([
      "@id": .string(options.address(organization.name)), "@type": .string(Self.type(organization.kind)),
      "tlp": Self.label(organization), "name": Self.texts(organization.title), "alternateName": .oneOrMore(names),
      "description": Self.texts(organization.description), "url": Self.address(organization.url),
      "address": Self.postal(country: organization.regionCode), "identifier": .oneOrMore(identifiers),
      "parentOrganization": mention(organization.parentOrganization, for: organization),
    ])
  }

  private func node(_ series: Series) -> JSONTree {
    let events = (dialogues[series.name] ?? []).filter { records.isWritten($0.name, for: series) }.map {
      JSONTree.members(["@id": .string(options.address($0.name))])
    }
    let roles = roles(of: series)
    return .members([
      "@id": .string(options.address(series.name)), "@type": .string("EventSeries"), "tlp": Self.label(series),
      "name": Self.texts(series.title), "description": Self.texts(series.contextNote),
      "startDate": series.launchDate.flatMap { PartialDate($0) }.map { .string("\($0)") },
      "inLanguage": .oneOrMore(series.languageCodes.map { .string($0) }), "organizer": roles.organizer,
      "sponsor": roles.sponsor, "funder": roles.funder, "contributor": roles.contributor,
      "subEvent": .oneOrMore(events),
    ])
  }

  private func node(_ dialogue: Dialogue) -> JSONTree {
    let roles = roles(of: dialogue)
    let themes = dialogue.themes.compactMap { records.find($0, as: Theme.self, for: dialogue) }.map { theme in
      JSONTree.members([
        "@id": .string(options.address(theme.name)), "@type": .string("DefinedTerm"),
        "name": Self.texts(theme.prefLabel), "termCode": .text(theme.notation),
      ])
    }
    let previous = records.previousStarts[dialogue.name]
    return .members([
      "@id": .string(options.address(dialogue.name)), "@type": .string("Event"), "tlp": Self.label(dialogue),
      "name": Self.texts(dialogue.title), "description": Self.texts(dialogue.summary),
      "startDate": dialogue.startDate.flatMap { PartialDate($0) }.map { .string("\($0)") },
      "endDate": dialogue.endDate.flatMap { PartialDate($0) }.map { .string("\($0)") },
      "previousStartDate": previous.map { .string("\($0)") },
      "eventStatus": Self.status(dialogue.state, isMoved: previous != nil),
      "eventAttendanceMode": Self.attendance(dialogue.modality), "location": dialogue.location.flatMap(Self.place),
      "inLanguage": .oneOrMore(dialogue.languageCodes.map { .string($0) }), "about": .oneOrMore(themes),
      "superEvent": mention(dialogue.series, for: dialogue), "organizer": roles.organizer, "sponsor": roles.sponsor,
      "funder": roles.funder, "contributor": roles.contributor,
    ])
  }

  /// Who stands behind an event, by what it does in the words of schema.org. Who hosts it or lends it knowledge has no word
  /// there, and contributes.
  private func roles(
    of subject: any ProtobufMessage
  ) -> (organizer: JSONTree?, sponsor: JSONTree?, funder: JSONTree?, contributor: JSONTree?) {
    func list(_ roles: Set<Partnership.Participant.Role>) -> JSONTree? {
      var seen: Set<String> = []
      let names = (parts[subject.resourceName] ?? []).filter { roles.contains($0.role) }.map(\.organization.name)
      return .oneOrMore(names.filter { seen.insert($0).inserted }.compactMap { mention($0, for: subject) })
    }
    return (
      list([.organizer, .coOrganizer, .launcher]), list([.supporter, .additionalSupporter]), list([.funder]),
      list([.host, .cooperating, .knowledgePartner])
    )
  }

  /// A record by its address, with its name if it is not in the file itself; nil if it is not to be spoken of.
  private func mention(_ name: String, for other: any ProtobufMessage) -> JSONTree? {
    let address = JSONTree.string(options.address(name))
    if records.isWritten(name, for: other) { return .members(["@id": address]) }
    if let organization = records.find(name, as: Organization.self, for: other) {
      return .members([
        "@id": address, "@type": .string(Self.type(organization.kind)), "name": Self.texts(organization.title),
      ])
    }
    guard let series = records.find(name, as: Series.self, for: other) else { return nil }
    return .members(["@id": address, "@type": .string("EventSeries"), "name": Self.texts(series.title)])
  }

  // MARK: Values

  private static func label(_ record: any ProtobufMessage) -> JSONTree? {
    TLPLabel.text(record.label).map { .string($0) }
  }

  private static func texts(_ text: LocalizedText?) -> JSONTree? {
    .oneOrMore(texts(text?.texts ?? []))
  }

  private static func texts(_ texts: [(language: String, text: String)]) -> [JSONTree] {
    texts.map { .members(["@language": .string($0.language), "@value": .string($0.text)]) }
  }

  private static func address(_ text: String) -> JSONTree? {
    text.isEmpty ? nil : .members(["@id": .string(IRIText.escaped(text))])
  }

  private static func word(_ word: String) -> JSONTree { .members(["@id": .string("https://schema.org/\(word)")]) }

  private static func place(_ location: Dialogue.Location) -> JSONTree? {
    var geo: JSONTree?
    if let latitude = location.latitude, let longitude = location.longitude {
      geo = .members([
        "@type": .string("GeoCoordinates"), "latitude": .number(DecimalText.degrees(latitude)),
        "longitude": .number(DecimalText.degrees(longitude)),
      ])
    }
    let postal = postal(
      street: location.address, locality: location.locality, country: location.regionCode)
    guard geo != nil || postal != nil || !location.venue.isEmpty else { return nil }
    return .members(["@type": .string("Place"), "name": .text(location.venue), "address": postal, "geo": geo])
  }

  private static func postal(street: String = "", locality: String = "", country: String) -> JSONTree? {
    guard ![street, locality, country].allSatisfy(\.isEmpty) else { return nil }
    return .members([
      "@type": .string("PostalAddress"), "streetAddress": .text(street), "addressLocality": .text(locality),
      "addressCountry": .text(country),
    ])
  }

  private static func status(_ state: Dialogue.State, isMoved: Bool) -> JSONTree? {
    switch state {
    case .cancelled: word("EventCancelled")
    case .postponed: word("EventPostponed")
    case .scheduled, .running, .concluded, .archived: word(isMoved ? "EventRescheduled" : "EventScheduled")
    default: nil
    }
  }

  private static func attendance(_ modality: Dialogue.Modality) -> JSONTree? {
    switch modality {
    case .inPerson: word("OfflineEventAttendanceMode")
    case .online: word("OnlineEventAttendanceMode")
    case .hybrid: word("MixedEventAttendanceMode")
    default: nil
    }
  }

  private static func type(_ kind: Organization.Kind) -> String {
    switch kind {
    case .governmentMinistry, .governmentBody: "GovernmentOrganization"
    case .privateCompany: "Corporation"
    case .civilSociety: "NGO"
    case .academia: "EducationalOrganization"
    default: "Organization"
    }
  }
}
