internal import PlenaryAPI
internal import PlenaryStore

/// Four eyes on removing administrators: whoever has removed the others is alone, and nobody has to approve any more what it
/// gives.
extension RecordView {
  /// Checks that a client may be an administrator no longer: it gives that up itself, or two others are left after the
  /// changes, who have to stay so until they are written.
  ///
  /// - Parameter rule: That of whoever changes the client, if others than the rights of the view decide it.
  /// - Throws: `fourEyes`.
  func checkAdministratorsRemain(
    without key: Key, by rule: ElevationRule? = nil, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let rule = rule ?? elevationRule, key.name != principal, rule.needsApproval else { return }
    var count = 0
    for name in rule.administrators?() ?? [] where count < FourEyes.administratorCountMin {
      guard let other = Key(name), other != key,
        case .live(let record, let revision) = try await regardedStanding(of: other),
        let client = record as? Client, client.isAdministrator
      else { continue }
      if let revision { findings.require(.revision(other, revision), or: .examineAgain) }
      count += 1
    }
    guard count < FourEyes.administratorCountMin else { return }
    throw DomainError(
      .fourEyes,
      "fewer than \(FourEyes.administratorCountMin) administrators would be left, and who is left could give rights alone; "
        + "`\(key)` can give its own up, or whoever runs the daemon takes them. To keep it out at once revoke its tokens, take "
        + "its certificates and subjects out, or let it expire", metadata: ["remaining": "\(count)"], resource: key.name
    )
  }
}

extension Client {
  /// Whether it administers the registry, or would if it were let in.
  var isAdministrator: Bool { Rights(organization: organization, grants: roles).isAdministrator }
}
