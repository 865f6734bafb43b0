internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Whom a marking lets see a record, in the terms in which markings are written.
///
/// Audiences are compared by the names in them, not by who is in a group at the moment: what holds for the names goes on
/// holding when groups change.
struct Audience: Equatable {
  /// How strict it is.
  let label: PlenaryAPI.Marking.Label

  /// The organizations that are let in, the originator included; none for RED.
  let organizations: Set<String>

  /// The sharing groups that are let in; only AMBER has some.
  let groups: Set<String>

  /// The clients that are let in; only RED has some.
  let recipients: Set<String>

  /// The audience of a record.
  init(of record: any ProtobufMessage) {
    self.init(record.marking ?? PlenaryAPI.Marking(), originator: record.originator)
  }

  /// The audience of a marking on a record of an organization.
  init(_ marking: PlenaryAPI.Marking, originator: String) {
    label = marking.label
    var organizations: Set<String> = []
    if label == .amber || label == .amberStrict {
      organizations.formUnion(marking.organizations)
      if !originator.isEmpty { organizations.insert(originator) }
    }
    self.organizations = organizations
    groups = label == .amber ? Set(marking.sharingGroups) : []
    recipients = label == .red ? Set(marking.recipients) : []
  }

  /// Whether everyone in the registry is let in, as far as no ceiling keeps a client out.
  var isOpen: Bool { label.rawValue <= PlenaryAPI.Marking.Label.green.rawValue }

  /// Whether whoever is let in here is let in there.
  ///
  /// - Parameters:
  ///   - known: An organization that is let in there, by whichever group.
  ///   - organization: The organization of a client.
  func isWithin(
    _ other: Audience, knowing known: String?,
    organizationOf organization: (String) async throws(DomainError) -> String?
  ) async throws(DomainError) -> Bool {
    if other.isOpen { return label.rawValue >= other.label.rawValue }
    guard label.rawValue >= other.label.rawValue else { return false }
    let admitted = known.map { other.organizations.union([$0]) } ?? other.organizations
    switch (label, other.label) {
    case (.red, .red): return recipients.isSubset(of: other.recipients)
    case (.red, _):
      for recipient in recipients {
        guard let organization = try await organization(recipient), admitted.contains(organization) else {
          return false
        }
      }
      return true
    default:
      return organizations.isSubset(of: admitted) && groups.isSubset(of: other.groups)
    }
  }
}

extension RecordView {
  /// Whether whoever may see the one may see the other.
  ///
  /// - Parameter isSeen: Whether the caller sees the other, and so its organization may, by whichever group.
  func isEveryone(
    in audience: Audience, in other: Audience, isSeen: Bool = false, _ findings: inout Findings
  ) async throws(DomainError) -> Bool {
    var relied = Findings()
    let known = isSeen && !rights.organization.isEmpty ? rights.organization : nil
    let isWithin = try await audience.isWithin(other, knowing: known) { client throws(DomainError) in
      try await self.relied(on: client, as: Client.self, &relied)?.organization
    }
    for condition in relied.guards { findings.require(condition.precondition, or: condition.refusal) }
    return isWithin
  }
}
