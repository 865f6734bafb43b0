package import PlenaryAPI
package import PlenaryStore

/// What decides which records a client sees: who it is, for whom it acts, and how far it is let in at all.
///
/// Nothing that an editor can write changes it: an organization's parent lets nobody in, and sharing groups are changed by
/// officers alone.
package struct Standing: Hashable, Sendable {
  /// The client's name.
  package let client: String

  /// The organization that it acts for; empty if it acts for none.
  package let organization: String

  /// The sharing groups that its organization is in, directly or through other groups.
  package let groups: Set<String>

  /// The strictest label that it may see; unspecified for any.
  package let ceiling: PlenaryAPI.Marking.Label

  /// The organizations whose officer it is, for whom versions are kept that are confined to them.
  package let offices: Set<String>

  /// Where a client stands.
  package init(
    client: String, organization: String, groups: Set<String> = [],
    ceiling: PlenaryAPI.Marking.Label = .unspecified, offices: Set<String> = []
  ) {
    self.client = client
    self.organization = organization
    self.groups = groups
    self.ceiling = ceiling
    self.offices = offices
  }

  /// What of the registry exists for the client.
  ///
  /// - Parameter audiences: What is remembered of markings, for all clients together.
  package func viewer(knowing audiences: KnownAudiences = KnownAudiences()) -> Viewer {
    Viewer { marking in
      if let keeper = marking.keeper, !offices.contains(keeper) { return false }
      // What all may see need not be looked up.
      if let isSeen = seesOpenly(marking.label) { return isSeen }
      return audiences.audience(of: marking).map(lets(in:)) ?? false
    }
  }

  /// Whether the client may see records with a label, if that alone decides.
  private func seesOpenly(_ number: Int32) -> Bool? {
    let label = PlenaryAPI.Marking.Label(rawValue: number)
    guard ceiling == .unspecified || number <= ceiling.rawValue else { return false }
    switch label {
    case .clear, .green: return true
    case .amber, .amberStrict, .red: return nil
    // A label of a later version lets nobody in.
    default: return false
    }
  }

  /// Whether the client is in an audience (TLP 2.0, standards.md).
  ///
  /// The organization that originated a record is let in by AMBER and AMBER_STRICT; RED is for the clients that it names.
  private func lets(in audience: Audience) -> Bool {
    guard audience.label != .red else { return audience.recipients.contains(client) }
    guard !organization.isEmpty else { return false }
    return audience.organizations.contains(organization) || audience.groups.contains(where: groups.contains)
  }
}
