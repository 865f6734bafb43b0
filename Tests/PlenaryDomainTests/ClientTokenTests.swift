import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What a client is given to prove who it is, and who gets to see what of it.
@Suite(.timeLimit(.minutes(10))) struct ClientTokenTests {
  private static let name = "clients/desk"

  /// A registry with one client, and the directory that knows it.
  private func withClient(_ body: (TestRegistry, ClientDirectory) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.create(
        CreateClientRequest.with {
          $0.client = .with { $0.roles = [.with { $0.role = .reader }] }
          $0.clientID = "desk"
        })
      let directory = ClientDirectory(test.store)
      try await directory.load()
      try await body(test, directory)
    }
  }

  private func issue(_ test: TestRegistry, seconds: Int64? = nil) async throws -> IssueClientTokenResponse {
    try await test.registry.issueToken(
      .with { request in
        request.name = Self.name
        request.expireTime = seconds.map { ProtobufTimestamp(seconds: TestRegistry.start / 1_000_000 + $0, nanos: 0) }
      }, as: TestRegistry.caller
    ).response
  }

  private func member(_ token: String, in directory: ClientDirectory, at seconds: Int64 = 0) async throws
    -> ClientDirectory.Member?
  {
    try await directory.catchUp()
    let digest = try #require(AccessToken(parsing: token)).digest
    return directory.member(
      withDigest: digest, at: CommitTime(microseconds: TestRegistry.start + seconds * 1_000_000))
  }

  private static let day: Int64 = 86_400

  @Test func `a token is good for its client until it expires`() async throws {
    try await withClient { test, directory in
      let issued = try await issue(test, seconds: 1000)
      let member = try #require(try await member(issued.token, in: directory))
      #expect(member.caller.principal == Self.name && member.caller.rights.highest == .reader)
      #expect(issued.client?.tokens.map(\.tokenID) == [issued.tokenID])
      #expect(try await self.member(issued.token, in: directory, at: 999) != nil)
      #expect(try await self.member(issued.token, in: directory, at: 1000) == nil)
    }
  }

  @Test func `a token without a time is good for 90 days, and none for more than 366`() async throws {
    try await withClient { test, _ in
      let issued = try await issue(test)
      let token = try #require(issued.client?.tokens.first)
      let lifetime = (token.expireTime?.seconds ?? 0) - (token.createTime?.seconds ?? 0)
      #expect(lifetime == 90 * Self.day)
      _ = try await issue(test, seconds: 366 * Self.day)
      await expectRefusal(.expiryInvalid, "expire_time") { _ = try await issue(test, seconds: 367 * Self.day) }
      await expectRefusal(.expiryInvalid, "expire_time") { _ = try await issue(test, seconds: 0) }
    }
  }

  @Test func `a client has at most ten tokens that are good`() async throws {
    try await withClient { test, directory in
      for _ in 0..<9 { _ = try await issue(test, seconds: 100_000) }
      _ = try await issue(test, seconds: 40)
      await expectRefusal(.limitReached) { _ = try await issue(test, seconds: 100_000) }
      // The clock of the test goes on by a second with each look at it.
      for number in 0..<40 {
        try await test.update(
          UpdateClientRequest.with {
            $0.client = .with { ($0.name, $0.annotations) = (Self.name, ["n": "\(number)"]) }
            $0.updateMask = ProtobufFieldMask(paths: ["annotations"])
          })
      }
      let issued = try await issue(test, seconds: 100_000)
      #expect(issued.client?.tokens.count == 10)
      #expect(try await member(issued.token, in: directory) != nil)
    }
  }

  @Test func `a rotation gives a new token, and the one before goes on for the overlap`() async throws {
    try await withClient { test, directory in
      let first = try await issue(test, seconds: 100_000)
      let second = try await test.registry.rotateToken(
        .with {
          $0.name = Self.name
          $0.overlap = .with { $0.seconds = 60 }
        }, as: TestRegistry.caller
      ).response
      #expect(second.token != first.token && second.client?.tokens.count == 2)
      #expect(try await member(first.token, in: directory, at: 30) != nil)
      #expect(try await member(first.token, in: directory, at: 120) == nil)
      #expect(try await member(second.token, in: directory, at: 120) != nil)
      for seconds: Int64 in [-1, 30 * Self.day + 1, .max] {
        await expectRefusal(.expiryInvalid, "overlap") {
          _ = try await test.registry.rotateToken(
            .with {
              $0.name = Self.name
              $0.overlap = .with { $0.seconds = seconds }
            }, as: TestRegistry.caller)
        }
      }
    }
  }

  @Test func `a token that is taken back is good no longer`() async throws {
    try await withClient { test, directory in
      let first = try await issue(test)
      let second = try await issue(test)
      func revoke(_ id: String) async throws -> Client {
        try await test.registry.revokeToken(
          .with { ($0.name, $0.tokenID) = (Self.name, id) }, as: TestRegistry.caller
        ).client
      }
      #expect(try await revoke(first.tokenID).tokens.map(\.tokenID) == [second.tokenID])
      #expect(try await member(first.token, in: directory) == nil)
      #expect(try await member(second.token, in: directory) != nil)
      await expectRefusal(.tokenNotFound) { _ = try await revoke(first.tokenID) }
      await expectRefusal(.fieldRequired, "token_id") { _ = try await revoke("") }
      #expect(try await revoke("*").tokens.isEmpty)
      #expect(try await member(second.token, in: directory) == nil)
    }
  }

  @Test func `a client that is deleted or has expired is not let in`() async throws {
    try await withClient { test, directory in
      let issued = try await issue(test)
      try await test.update(
        UpdateClientRequest.with {
          $0.client = .with {
            $0.name = Self.name
            $0.expireTime = .with { $0.seconds = TestRegistry.start / 1_000_000 + 500 }
          }
          $0.updateMask = ProtobufFieldMask(paths: ["expire_time"])
        })
      #expect(try await member(issued.token, in: directory, at: 499) != nil)
      #expect(try await member(issued.token, in: directory, at: 500) == nil)
      try await test.delete(DeleteClientRequest.with { $0.name = Self.name })
      #expect(try await member(issued.token, in: directory) == nil)
      // One that is loaded anew knows the same.
      let other = ClientDirectory(test.store)
      try await other.load()
      #expect(try await member(issued.token, in: other) == nil)
      try await test.undelete(UndeleteClientRequest.with { $0.name = Self.name })
      #expect(try await member(issued.token, in: directory, at: 499) != nil)
    }
  }

  @Test func `the tokens of others are for administrators`() async throws {
    try await withClient { test, _ in
      let rights = Rights(organization: "", grants: [.with { $0.role = .officer }])
      let own = Caller(principal: Self.name, viewer: .everything, rights: rights)
      let other = Caller(principal: "clients/other", viewer: .everything, rights: rights)
      await expectRefusal(.roleMissing) {
        _ = try await test.registry.issueToken(.with { $0.name = Self.name }, as: own)
      }
      await expectRefusal(.roleMissing) {
        _ = try await test.registry.rotateToken(.with { $0.name = Self.name }, as: other)
      }
      await expectRefusal(.roleMissing) {
        _ = try await test.registry.revokeToken(.with { ($0.name, $0.tokenID) = (Self.name, "*") }, as: other)
      }
      // Nothing tells whether there is such a client.
      await expectRefusal(.roleMissing) {
        _ = try await test.registry.rotateToken(.with { $0.name = "clients/nobody" }, as: other)
      }
      let rotated = try await test.registry.rotateToken(.with { $0.name = Self.name }, as: own).response
      let revoked = try await test.registry.revokeToken(
        .with { ($0.name, $0.tokenID) = (Self.name, rotated.tokenID) }, as: own
      ).client
      #expect(revoked.tokens.isEmpty)
    }
  }

  @Test func `no way of reading a client has a digest in it`() async throws {
    try await withClient { test, _ in
      let issued = try await issue(test)
      let digest = try #require(AccessToken(parsing: issued.token)).digest
      let registry = test.registry
      let caller = TestRegistry.caller
      var answers: [[UInt8]] = [try #require(issued.client).serializedBytes()]
      answers.append(try await registry.get(GetClientRequest.with { $0.name = Self.name }, as: caller).bytes)
      answers.append(
        try await registry.get(
          GetClientRequest.with {
            $0.name = Self.name
            $0.readMask = ProtobufFieldMask(paths: ["token_digests", "tokens"])
          }, as: caller
        ).bytes)
      answers += try await registry.list(ListClientsRequest(), as: caller).records
      answers += try await registry.batchGet(BatchGetClientsRequest.with { $0.names = [Self.name] }, as: caller).records
      answers += try await registry.listRevisions(
        ListClientRevisionsRequest.with { $0.parent = Self.name }, as: caller
      ).records
      answers.append(try await registry.listChanges(ListChangesRequest(), as: caller).bytes)
      answers.append(
        try await registry.update(
          UpdateClientRequest.with {
            $0.client = .with { ($0.name, $0.annotations) = (Self.name, ["a": "b"]) }
            $0.updateMask = ProtobufFieldMask(paths: ["annotations"])
            $0.validateOnly = true
          }, as: caller
        ).bytes)
      for answer in answers {
        #expect(!answer.isEmpty)
        #expect(!answer.contains(digest), "\(answer)")
      }
      // Nor can it be found out by asking which clients have it, and the change above has not lost it.
      let found = try await test.names(ListClientsRequest.with { $0.filter = "tokens.token_id:\"\(issued.tokenID)\"" })
      #expect(found == [Self.name])
    }
  }

  @Test func `nobody sets tokens or digests from outside`() async throws {
    try await withClient { test, directory in
      let token = AccessToken(secret: Array(repeating: 7, count: AccessToken.secretByteCount))
      let forged = Client.with {
        $0.name = "clients/forged"
        $0.roles = [.with { $0.role = .admin }]
        $0.tokens = [.with { $0.expireTime = .with { $0.seconds = TestRegistry.start / 1_000_000 + 10_000 } }]
        $0.tokenDigests = [token.digest]
      }
      try await test.create(
        CreateClientRequest.with {
          $0.client = forged
          $0.clientID = "forged"
        })
      #expect(try await member(token.text, in: directory) == nil)
      try await test.update(UpdateClientRequest.with { $0.client = forged })
      #expect(try await member(token.text, in: directory) == nil)
      try await test.importing([forged], conflict: .replace)
      #expect(try await member(token.text, in: directory) == nil)
    }
  }

  @Test func `the first administrator is made with a token, and gets another one if that is lost`() async throws {
    try await withClient { test, directory in
      let first = try await test.registry.makeAdministrator("clients/admin", takingBackTokens: false)
      let member = try #require(try await member(first, in: directory))
      #expect(member.caller.rights.isAdministrator && directory.administrators == ["clients/admin"])
      let second = try await test.registry.makeAdministrator("clients/admin", takingBackTokens: true)
      #expect(try await self.member(first, in: directory) == nil)
      #expect(try await self.member(second, in: directory) != nil)
    }
  }

  @Test func `a role has a scope that is one, and an administrator none`() async throws {
    try await withClient { test, _ in
      for (role, scope) in [(Client.Grant.Role.admin, "*"), (.editor, "everything"), (.editor, "themes/")] {
        await expectRefusal(.scopeInvalid, "roles.0.scope") {
          try await test.create(
            CreateClientRequest.with {
              $0.client = .with { $0.roles = [.with { ($0.role, $0.scope) = (role, scope) }] }
              $0.clientID = "c1"
            })
        }
      }
      func create(_ id: String, _ count: Int) async throws {
        try await test.create(
          CreateClientRequest.with {
            $0.client = .with {
              $0.roles = Array(repeating: .with { ($0.role, $0.scope) = (.editor, "*") }, count: count)
            }
            $0.clientID = id
          })
      }
      try await create("fifty", 50)
      await expectRefusal(.listTooLong, "roles") { try await create("more", 51) }
    }
  }
}

extension [UInt8] {
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    guard count >= part.count else { return false }
    return (0...count - part.count).contains { self[$0..<$0 + part.count].elementsEqual(part) }
  }
}
