internal import PlenaryAPI
internal import ProtobufRuntime

extension Kind {
  /// Bodies that take part.
  static let organization = Kind(
    OrganizationRules(), indexed: ["kind", "acronym", "region_code"],
    deletion: .blocked(by: [
      .field("parent_organization", of: "Organization"), .field("adopting_organization", of: "Mandate"),
      .field("owner_organization", of: "Initiative"), .field("participants.organization", of: "Partnership"),
      .field("addressee", of: "Recommendation"), .field("organizations", of: "SharingGroup"),
      .field("originator", of: "SharingGroup"), .field("organization", of: "Client"),
    ]))
}

private struct OrganizationRules: KindRules {
  /// The most steps from an organization up to one without a parent.
  private static let depthMax = 16

  func check(_ organization: Organization, replacing previous: Organization?, _ findings: inout Findings) {
    for (index, identifier) in organization.identifiers.enumerated() where !isValid(identifier) {
      findings.add(
        "identifiers.\(index).value", .identifierInvalid,
        "`\(identifier.value.clipped)` is not an identifier of \(identifier.scheme)",
        metadata: ["value": identifier.value.clipped, "scheme": identifier.scheme.description])
    }
  }

  private func isValid(_ identifier: Organization.Identifier) -> Bool {
    switch identifier.scheme {
    case .ror: RegisterIdentifier.isROR(identifier.value)
    case .iati: RegisterIdentifier.isIATI(identifier.value)
    case .wikidata: RegisterIdentifier.isWikidata(identifier.value)
    default: true
    }
  }

  func checkRelations(
    _ organization: Organization, replacing previous: Organization?, among view: RecordView,
    _ findings: inout Findings
  ) async throws(DomainError) {
    guard organization.parentOrganization != previous?.parentOrganization else { return }
    var path = [organization.name]
    var parent = organization.parentOrganization
    while !parent.isEmpty {
      let closes = path.contains(parent)
      path.append(parent)
      guard !closes, path.count <= Self.depthMax + 1 else {
        findings.add(
          "parent_organization", .organizationCycle,
          closes
            ? "the parents would lead back to the organization: \(path.joined(separator: " → "))"
            : "there would be more than \(Self.depthMax) organizations above it",
          metadata: ["path": path.joined(separator: ",")])
        return
      }
      parent = try await view.relied(on: parent, as: Organization.self, &findings)?.parentOrganization ?? ""
    }
  }
}
