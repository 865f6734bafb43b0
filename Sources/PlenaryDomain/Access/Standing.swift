package import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

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

  /// Where a client stands.
  package init(
    client: String, organization: String, groups: Set<String> = [], ceiling: PlenaryAPI.Marking.Label = .unspecified
  ) {
    self.client = client
    self.organization = organization
    self.groups = groups
    self.ceiling = ceiling
  }

  /// What of the registry exists for the client.
  package var viewer: Viewer {
    let judged = JudgedMarkings(standing: self)
    return Viewer { judged.sees($0) }
  }

  /// Whether the client may see a record with a marking (TLP 2.0, standards.md).
  ///
  /// The organization that originated a record is let in by AMBER and AMBER_STRICT; RED is for the clients that it names.
  func sees(_ marking: PlenaryStore.Marking) -> Bool {
    let label = PlenaryAPI.Marking.Label(rawValue: marking.label)
    guard ceiling == .unspecified || label.rawValue <= ceiling.rawValue else { return false }
    switch label {
    case .clear, .green: return true
    case .amber, .amberStrict, .red: break
    // A label of a later version lets nobody in.
    default: return false
    }
    // What is not understood lets nobody in either.
    guard let audience = try? PlenaryAPI.Marking(serializedBytes: marking.detail) else { return false }
    guard label != .red else { return audience.recipients.contains(client) }
    guard !organization.isEmpty else { return false }
    return marking.originator == organization || audience.organizations.contains(organization)
      || label == .amber && audience.sharingGroups.contains(where: groups.contains)
  }
}

/// The markings that a client has met with, and whether it is let in: there are few, and each is met with again and again.
private final class JudgedMarkings: Sendable {
  /// The most markings that are remembered; beyond that it begins anew.
  private static let countMax = 4096

  private let standing: Standing
  private let judged = Mutex<[PlenaryStore.Marking: Bool]>([:])

  init(standing: Standing) {
    self.standing = standing
  }

  func sees(_ marking: PlenaryStore.Marking) -> Bool {
    guard marking.label > PlenaryAPI.Marking.Label.green.rawValue else { return standing.sees(marking) }
    return judged.withLock { judged in
      if let known = judged[marking] { return known }
      if judged.count >= Self.countMax { judged = [:] }
      let isSeen = standing.sees(marking)
      judged[marking] = isSeen
      return isSeen
    }
  }
}
