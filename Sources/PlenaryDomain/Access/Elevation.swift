internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Four eyes on the rights by which others are given rights, or shown what is held back: OFFICER and ADMIN.
package struct FourEyes: Sendable {
  /// How long a proposal can be approved.
  static let patience: Int64 = 7 * 24 * 3600 * 1_000_000

  /// As long as there are fewer administrators, nobody could approve what one of them proposes.
  static let administratorCountMin = 2

  /// Who administers the registry, those who are not let in at the moment included.
  let administrators: @Sendable () -> [String]

  /// Has such rights approved once there are two administrators.
  package init(administrators: @escaping @Sendable () -> [String]) {
    self.administrators = administrators
  }
}

/// What becomes of the rights of OFFICER and ADMIN that a client gains by a change.
struct ElevationRule: Sendable {
  let principal: String

  /// The clock, which is looked at only where rights change.
  let clock: @Sendable () -> CommitTime

  /// Who could approve them; nil if nobody has to. It is asked only where rights change.
  let administrators: (@Sendable () -> [String])?

  /// Whether somebody else has to approve them.
  var needsApproval: Bool { (administrators?().count ?? 0) >= FourEyes.administratorCountMin }

  /// Sets rights apart that have to be approved, and notes who gives them.
  func apply(to client: inout Client, replacing previous: Client?) {
    let isHandedOver = previous.map { changesHands(client, from: $0) } ?? false
    // Only an approval changes what is noted by itself.
    guard isHandedOver || client.roles != previous?.roles ?? [], client.elevation == previous?.elevation else { return }
    let gained = client.roles.filter { grant in
      grant.isHigh && (isHandedOver || !(previous?.roles.contains(grant) ?? false))
    }
    let now = clock()
    let pending = previous?.elevation.flatMap { $0.isPending(at: now) ? $0 : nil }
    guard !gained.isEmpty else {
      // Whoever sets the roles anew, and without them, withdraws what was proposed.
      if pending != nil { client.elevation = nil }
      return
    }
    guard needsApproval else {
      client.elevation = Client.Elevation.with {
        ($0.roles, $0.proposer) = (gained, principal)
        ($0.proposeTime, $0.effectTime) = (ProtobufTimestamp(now), ProtobufTimestamp(now))
      }
      return
    }
    client.roles.removeAll { gained.contains($0) }
    // What is proposed again is not proposed anew: it keeps its proposer and its time.
    if let pending, pending.roles == gained {
      client.elevation = pending
      return
    }
    client.elevation = proposal(of: gained, at: now)
  }

  /// Whether somebody else can have the rights of a client, or they are for something else: it is to act for another
  /// organization, or another one lets certificates or issuers say that somebody is it.
  private func changesHands(_ client: Client, from previous: Client) -> Bool {
    if client.organization != previous.organization { return true }
    let isOpened =
      !Set(client.certificateIdentities).isSubset(of: previous.certificateIdentities)
      || !Set(client.issuerSubjects).isSubset(of: previous.issuerSubjects)
    return isOpened && principal != client.name && !isOwnGift(previous)
  }

  /// Whether the caller has given the client its rights alone.
  private func isOwnGift(_ client: Client) -> Bool {
    client.elevation.map { $0.effectTime != nil && $0.approver.isEmpty && $0.proposer == principal } ?? false
  }

  /// Sets the high rights of a client apart that is given a token by another one: whoever has the token has the rights.
  /// Only who gave them alone gives the token alone too.
  func applyToken(to client: inout Client) {
    guard needsApproval, principal != client.name else { return }
    let high = client.roles.filter(\.isHigh)
    guard !high.isEmpty, !isOwnGift(client) else { return }
    let now = clock()
    let pending = client.elevation.flatMap { $0.isPending(at: now) ? $0.roles : nil } ?? []
    client.roles.removeAll(where: \.isHigh)
    client.elevation = proposal(of: high + pending.filter { !high.contains($0) }, at: now)
  }

  private func proposal(of roles: [Client.Grant], at now: CommitTime) -> Client.Elevation {
    .with {
      ($0.roles, $0.proposer) = (roles, principal)
      $0.proposeTime = ProtobufTimestamp(now)
      $0.expireTime = ProtobufTimestamp(CommitTime(microseconds: now.microseconds + FourEyes.patience))
    }
  }
}

extension Client.Grant {
  /// Whether others have to agree that it is given.
  fileprivate var isHigh: Bool { role.includes(.officer) }
}

extension Client.Elevation {
  /// Whether it waits for an approval.
  func isPending(at now: CommitTime) -> Bool {
    effectTime == nil && (expireTime?.microseconds ?? .min) > now.microseconds
  }
}

extension Registry {
  /// What becomes of high rights that a caller gives. Whoever calls as no client has the daemon in hands, or is asked nothing.
  func elevationRule(for caller: Caller) -> ElevationRule {
    ElevationRule(
      principal: caller.principal, clock: { now() },
      administrators: caller.rights.isUnlimited ? nil : fourEyes?.administrators)
  }

  /// Approves the rights that are proposed for a client.
  /// - Throws: `roleMissing`, `idInvalid`, `resourceNotFound`, `etagMismatch`, `grantNotPending`, `fourEyes`.
  package func approveGrant(
    _ request: ApproveClientGrantRequest, as caller: Caller
  ) async throws(DomainError) -> (client: Client, revision: String) {
    guard caller.rights.isAdministrator else { throw administratorsOnly(request.name) }
    return try await changeClient(
      "ApproveClientGrant", of: request.name, request.etag, as: caller
    ) { client, now throws(DomainError) in
      guard var elevation = client.elevation, elevation.effectTime == nil else {
        throw DomainError(
          .grantNotPending, "no rights are proposed for `\(client.name)`; set its roles to propose some",
          resource: client.name)
      }
      guard elevation.isPending(at: now) else {
        throw DomainError(
          .grantNotPending, "what was proposed for `\(client.name)` has expired; set its roles to propose it again",
          resource: client.name)
      }
      guard caller.principal != elevation.proposer, caller.principal != client.name else {
        throw DomainError(
          .fourEyes,
          "`\(caller.principal)` cannot approve what it has proposed, or its own rights; ask another administrator",
          metadata: ["proposer": elevation.proposer], resource: client.name)
      }
      client.roles += elevation.roles
      elevation.approver = caller.principal
      elevation.effectTime = ProtobufTimestamp(now)
      client.elevation = elevation
    }
  }

  /// Lists the clients that were given high rights, or are to be.
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`.
  package func elevations(
    _ request: ListClientElevationsRequest, as caller: Caller
  ) async throws(DomainError) -> (response: ListClientElevationsResponse, revision: String) {
    let limit = try Self.pageSize(request.pageSize)
    let description = Array("elevations \(caller.principal)".utf8)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    let kind = kind(of: Client.self)
    let rights = caller.rights
    var query = Query(conditions: [.init(kind.membership, .equals(.unset))])
    query.predicate = { record in
      // Whoever cannot be read has no rights.
      guard let client = try? Client(serializedBytes: record.body), client.elevation != nil else { return false }
      return rights.isAdministrator || !rights.organization.isEmpty && client.organization == rights.organization
    }
    var cursor: Cursor?
    if case .cursor(let place)? = token?.place { cursor = place }
    // Clients are for administrators; that they have such rights is for their organization too.
    let reader = Caller(principal: caller.principal, viewer: .everything)
    var response = ListClientElevationsResponse()
    var revision = token?.revision
    let now = now()
    repeat {
      let page = try await page(
        query, as: reader, after: cursor, limit: PageLimit(records: limit - response.elevations.count), at: revision)
      for record in page.records {
        response.elevations.append(.init(try Client(stored: encoder.bytes(of: record, kind)), at: now))
      }
      (revision, cursor) = (page.revision, page.next)
    } while cursor != nil && response.elevations.count < limit
    let shown: Revision = if let revision { revision } else { try await head() }
    if let cursor {
      response.nextPageToken = pageTokens.seal(
        PageToken(revision: shown, place: .cursor(cursor)), for: description,
        isUnlike: !caller.viewer.seesEverything)
    }
    return (response, text(shown, for: caller))
  }
}

extension ListClientElevationsResponse.ClientElevation {
  fileprivate init(_ client: Client, at now: CommitTime) {
    self.init()
    (self.client, organization, elevation) = (client.name, client.organization, client.elevation)
    guard let elevation else { return }
    if elevation.effectTime != nil {
      state = elevation.approver.isEmpty ? .givenAlone : .given
    } else {
      state = elevation.isPending(at: now) ? .pending : .expired
    }
  }
}
