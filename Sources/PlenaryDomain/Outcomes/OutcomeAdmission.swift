internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Decides which records go into a report: those that all may see who may see the report, up to its ceiling.
///
/// What somebody in the audience may not see is treated as if it did not exist, so that what one organization hides never
/// changes what the report of others says. What only the ceiling keeps out is counted: whoever reads the report may see it.
struct OutcomeAdmission {
  /// What becomes of a record.
  enum Verdict {
    case admitted, aboveCeiling, hidden
  }

  private let audience: Audience
  private let ceiling: PlenaryAPI.Marking.Label
  private let organizations: [String: String]

  /// What has been decided, by the number that the store gives to equal markings.
  private var known: [ACL: Verdict] = [:]

  /// - Parameter organizations: The organizations of the clients that the report names as its recipients.
  init(_ input: OutcomeInput, organizations: [String: String]) {
    audience = Audience(of: input.report)
    ceiling = input.ceiling
    self.organizations = organizations
  }

  /// What becomes of a record.
  mutating func verdict(
    on record: StoredRecord, _ message: @autoclosure () throws(DomainError) -> any ProtobufMessage
  ) async throws(DomainError) -> Verdict {
    if let verdict = known[record.acl] { return verdict }
    let other = Audience(of: try message())
    let isSeen = try await audience.isWithin(other, knowing: nil) { [organizations] client throws(DomainError) in
      organizations[client]
    }
    let verdict: Verdict =
      !isSeen ? .hidden : other.label.rawValue > ceiling.rawValue ? .aboveCeiling : .admitted
    known[record.acl] = verdict
    return verdict
  }
}
