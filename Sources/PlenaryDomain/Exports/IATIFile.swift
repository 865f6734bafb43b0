internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime
internal import TextFormats

/// The organizations that have an IATI identifier as an organisation file of IATI 2.03.
///
/// Who reports on an organization is its originator where that has an identifier of its own and is in the file, and then
/// reports at second hand; else the organization itself. IATI has no place for a mark, so it stands in comments.
struct IATIFile: FileFormat {
  static let mediaType = "application/xml"
  static let writtenKinds: [Kind] = [.organization]
  static let consultedKinds: [Kind] = []

  private let records: ExportedRecords
  private let organizations: [(organization: Organization, identifier: String)]
  private var xml = XMLText()

  init(_ records: ExportedRecords, _ options: ExportOptions) {
    self.records = records
    organizations = records.written(Organization.self).compactMap { organization in
      Self.identifier(of: organization).map { (organization, $0) }
    }
  }

  var partCount: Int { organizations.count }

  mutating func head() -> [UInt8] {
    xml.declaration()
    let labels = organizations.map(\.organization.label)
    if let text = labels.max(by: { $0.rawValue < $1.rawValue }).flatMap(TLPLabel.text) { xml.comment(text) }
    xml.start("iati-organisations", [("version", "2.03")])
    return xml.take()
  }

  mutating func part(_ index: Int) -> [UInt8] {
    let (organization, identifier) = organizations[index]
    if let text = TLPLabel.text(organization.label) { xml.comment(text) }
    var attributes = organization.updateTime.map { [("last-updated-datetime", UTCText.extended($0))] } ?? []
    if let language = organization.title?.chosen([])?.language { attributes.append(("xml:lang", language)) }
    xml.start("iati-organisation", attributes)
    xml.element("organisation-identifier", [], identifier)
    xml.start("name")
    narratives(of: organization)
    xml.end()
    let originator = records.find(organization.originatingOrganization, as: Organization.self, for: organization)
    if let originator, originator.name != organization.name, let own = Self.identifier(of: originator) {
      report(by: originator, own, isSecondary: true)
    } else {
      report(by: organization, identifier, isSecondary: false)
    }
    xml.end()
    return xml.take()
  }

  mutating func tail() -> [UInt8] {
    xml.end()
    return xml.take()
  }

  private mutating func report(by organization: Organization, _ identifier: String, isSecondary: Bool) {
    var attributes = [("ref", identifier), ("type", Self.type(organization.kind))]
    if isSecondary { attributes.append(("secondary-reporter", "1")) }
    xml.start("reporting-org", attributes)
    narratives(of: organization)
    xml.end()
  }

  private mutating func narratives(of organization: Organization) {
    for (language, text) in organization.title?.texts ?? [] { xml.element("narrative", [("xml:lang", language)], text) }
  }

  /// The identifier; the first of several.
  private static func identifier(of organization: Organization) -> String? {
    organization.identifiers.filter { $0.scheme == .iati }.map(\.value).min()
  }

  /// The code of OrganisationType. What the kinds here do not tell apart, as whether an organization of civil society is a
  /// national or an international one, is 90, "other".
  private static func type(_ kind: Organization.Kind) -> String {
    switch kind {
    case .governmentMinistry, .governmentBody: "10"
    case .unPrincipalOrgan, .unSubsidiaryBody, .unSecretariatEntity, .internationalOrganization, .regionalOrganization,
      .subregionalOrganization:
      "40"
    case .privateCompany: "70"
    case .academia: "80"
    default: "90"
    }
  }
}
