internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What a client is given, and what it may be asked for.
private enum TokenLimit {
  /// The most tokens of a client that have not expired.
  static let countMax = 10

  /// How long a token is good for if nothing else is asked for, and at most.
  static let lifetimeDefault: Int64 = 90 * day
  static let lifetimeMax: Int64 = 366 * day

  /// How long the tokens before go on when there is a new one, if nothing else is asked for, and at most.
  static let overlapDefault: Int64 = 3600 * second
  static let overlapMax: Int64 = 30 * day

  private static let second: Int64 = 1_000_000
  private static let day: Int64 = 24 * 3600 * second
}

extension Registry {
  /// Gives a client a token.
  /// - Throws: `roleMissing`, `idInvalid`, `resourceNotFound`, `etagMismatch`, `expiryInvalid`, `limitReached`.
  package func issueToken(
    _ request: IssueClientTokenRequest, as caller: Caller
  ) async throws(DomainError) -> (response: IssueClientTokenResponse, revision: String) {
    guard caller.rights.isAdministrator else { throw administratorsOnly(request.name) }
    let token = AccessToken(secret: randomBytes(AccessToken.secretByteCount))
    let (client, revision) = try await changeClient(
      "IssueClientToken", of: request.name, request.etag, as: caller
    ) { client, now throws(DomainError) in
      try client.add(token, at: now, until: request.expireTime)
      elevationRule(for: caller).applyToken(to: &client)
    }
    let response = IssueClientTokenResponse.with {
      $0.token = token.text
      $0.tokenID = AccessToken.id(ofDigest: token.digest)
      $0.client = client
    }
    return (response, revision)
  }

  /// Gives a client a token in place of those that it has.
  /// - Throws: `roleMissing`, `idInvalid`, `resourceNotFound`, `etagMismatch`, `expiryInvalid`, `limitReached`.
  package func rotateToken(
    _ request: RotateClientTokenRequest, as caller: Caller
  ) async throws(DomainError) -> (response: RotateClientTokenResponse, revision: String) {
    guard caller.rights.isAdministrator || caller.principal == request.name else {
      throw administratorsOnly(request.name)
    }
    let token = AccessToken(secret: randomBytes(AccessToken.secretByteCount))
    let (client, revision) = try await changeClient(
      "RotateClientToken", of: request.name, request.etag, as: caller
    ) { client, now throws(DomainError) in
      try client.shorten(to: request.overlap, at: now)
      try client.add(token, at: now, until: request.expireTime)
      elevationRule(for: caller).applyToken(to: &client)
    }
    let response = RotateClientTokenResponse.with {
      $0.token = token.text
      $0.tokenID = AccessToken.id(ofDigest: token.digest)
      $0.client = client
    }
    return (response, revision)
  }

  /// Takes tokens of a client back.
  /// - Throws: `roleMissing`, `idInvalid`, `resourceNotFound`, `etagMismatch`, `tokenNotFound`.
  package func revokeToken(
    _ request: RevokeClientTokenRequest, as caller: Caller
  ) async throws(DomainError) -> (client: Client, revision: String) {
    guard caller.rights.isAdministrator || caller.principal == request.name else {
      throw administratorsOnly(request.name)
    }
    guard !request.tokenID.isEmpty else {
      throw DomainError(.init("token_id", .fieldRequired, "say which token, or `*` for all"))
    }
    return try await changeClient(
      "RevokeClientToken", of: request.name, request.etag, as: caller
    ) { client, _ throws(DomainError) in
      try client.revoke(request.tokenID)
    }
  }

  /// Makes a client an administrator, creating it if there is none, and returns a token of it: for whoever has the store
  /// itself in hands.
  /// - Throws: `idInvalid`, `limitReached`, and what else is wrong with the client.
  package func makeAdministrator(_ name: String, takingBackTokens: Bool) async throws(DomainError) -> String {
    let caller = Caller(principal: "init", viewer: .everything)
    let request = UpdateClientRequest.with {
      $0.client = .with {
        $0.name = name
        $0.roles = [.with { $0.role = .admin }]
      }
      $0.updateMask = ProtobufFieldMask(paths: ["roles"])
      $0.allowMissing = true
    }
    _ = try await update(request, as: caller)
    if takingBackTokens {
      let request = RevokeClientTokenRequest.with { ($0.name, $0.tokenID) = (name, "*") }
      _ = try await revokeToken(request, as: caller)
    }
    return try await issueToken(.with { $0.name = name }, as: caller).response.token
  }

  /// Changes what the registry keeps of a client, and answers with what it is then.
  func changeClient(
    _ method: String, of name: String, _ etag: String, as caller: Caller,
    _ change: (inout Client, CommitTime) throws(DomainError) -> Void
  ) async throws(DomainError) -> (Client, String) {
    let kind = kind(of: Client.self)
    let key = try kind.key(name, field: "name")
    // It is not to be repeated, so it needs no digest by which a repetition is known.
    let call = try WriteCall(method, requestID: "", digest: [], byteCount: 0, validateOnly: false)
    // Which tokens a client has is for it to change as well, and nothing else of a record that it does not even see.
    let writer = Caller(principal: caller.principal, viewer: .everything)
    let reply = try await reply(to: call, key, kind, as: writer) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key), !record.isDeleted else { throw kind.notFound(name) }
      try self.check(etag: etag, of: record)
      let previous = try view.content(of: record)
      guard var client = previous as? Client else { preconditionFailure("a key belongs to one kind") }
      try change(&client, self.now())
      var findings = Findings()
      if !client.isAdministrator, let previous = previous as? Client, previous.isAdministrator {
        // Not as the writer, who may do everything.
        try await view.checkAdministratorsRemain(without: key, by: self.elevationRule(for: caller), &findings)
      }
      var changes = try await self.replacement(of: record, previous, by: client, kind, in: view)
      changes.rest(on: findings)
      return changes
    }
    return (try Client(stored: reply.bytes), reply.revision)
  }

  func administratorsOnly(_ name: String) -> DomainError {
    DomainError(
      .roleMissing, "the tokens of another client are for administrators; ask one of them",
      metadata: ["role": Client.Grant.Role.admin.description], resource: name)
  }
}

extension Client {
  /// Adds a token, and takes out those that have expired.
  fileprivate mutating func add(
    _ token: AccessToken, at now: CommitTime, until expireTime: ProtobufTimestamp?
  ) throws(DomainError) {
    let end = expireTime?.microseconds ?? now.microseconds + TokenLimit.lifetimeDefault
    guard end > now.microseconds, end - now.microseconds <= TokenLimit.lifetimeMax else {
      throw DomainError(
        .init("expire_time", .expiryInvalid, "it must lie ahead, and at most 366 days; choose another time"))
    }
    keepTokens { $0.expireTime.map { $0.microseconds > now.microseconds } ?? false }
    guard tokens.count < TokenLimit.countMax else {
      throw DomainError(
        .limitReached, "`\(name)` has \(TokenLimit.countMax) tokens, and no more may be; revoke one first",
        metadata: ["max": "\(TokenLimit.countMax)"], resource: name)
    }
    let digest = token.digest
    tokens.append(
      .with {
        $0.tokenID = AccessToken.id(ofDigest: digest)
        $0.createTime = ProtobufTimestamp(now)
        $0.expireTime = ProtobufTimestamp(CommitTime(microseconds: end))
      })
    tokenDigests.append(digest)
  }

  /// Lets the tokens expire after an overlap, those left out that do so before.
  fileprivate mutating func shorten(to overlap: ProtobufDuration?, at now: CommitTime) throws(DomainError) {
    let overlap = overlap.map { $0.seconds.multipliedReportingOverflow(by: 1_000_000) }
    let time = overlap.map { $0.overflow ? -1 : $0.partialValue } ?? TokenLimit.overlapDefault
    guard (0...TokenLimit.overlapMax).contains(time) else {
      throw DomainError(
        .init("overlap", .expiryInvalid, "it must be from 0 to 30 days; choose another time"))
    }
    let end = now.microseconds + time
    for index in tokens.indices where (tokens[index].expireTime?.microseconds ?? .max) > end {
      tokens[index].expireTime = ProtobufTimestamp(CommitTime(microseconds: end))
    }
  }

  /// Takes one token out, or all.
  fileprivate mutating func revoke(_ id: String) throws(DomainError) {
    let count = tokens.count
    keepTokens { id != "*" && $0.tokenID != id }
    guard tokens.count < count || id == "*" else {
      throw DomainError(
        .tokenNotFound, "`\(name)` has no token `\(id.clipped)`; get the client to see which it has",
        metadata: ["token_id": id.clipped], resource: name)
    }
  }

  private mutating func keepTokens(_ isKept: (Token) -> Bool) {
    let kept = zip(tokens, tokenDigests).filter { isKept($0.0) }
    tokens = kept.map(\.0)
    tokenDigests = kept.map(\.1)
  }
}

extension ProtobufTimestamp {
  /// The microseconds since 1970, as far as they can be counted.
  var microseconds: Int64 {
    let (whole, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !isTooMuch else { return seconds < 0 ? .min / 2 : .max / 2 }
    return whole + Int64(nanos / 1000)
  }
}
