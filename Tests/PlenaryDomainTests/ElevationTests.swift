import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryDomain

/// Four eyes on the rights of OFFICER and ADMIN.
@Suite(.timeLimit(.minutes(10))) struct ElevationTests {
  private final class Clock: Sendable {
    let time = Mutex(TestRegistry.start)
    func advance(days: Int64) { time.withLock { $0 += days * 24 * 3600 * 1_000_000 } }
  }

  private struct Trial: Sendable {
    let registry: Registry
    let clock: Clock

    func create(_ id: String, _ roles: [Client.Grant], as caller: Caller) async throws -> Client {
      try await Client(
        serializedBytes: registry.create(
          CreateClientRequest.with {
            $0.clientID = id
            $0.client = .with { ($0.roles, $0.organization) = (roles, "organizations/o") }
          }, as: caller
        ).bytes)
    }

    func set(
      _ id: String, _ roles: [Client.Grant], as caller: Caller, validateOnly: Bool = false
    ) async throws -> Client {
      try await Client(
        serializedBytes: registry.update(
          UpdateClientRequest.with {
            $0.client = .with { ($0.name, $0.roles) = ("clients/\(id)", roles) }
            $0.updateMask = ProtobufFieldMask(paths: ["roles"])
            $0.validateOnly = validateOnly
          }, as: caller
        ).bytes)
    }

    func client(_ id: String) async throws -> Client {
      try await Client(
        serializedBytes: registry.get(GetClientRequest.with { $0.name = "clients/\(id)" }, as: TestRegistry.caller)
          .bytes)
    }

    @discardableResult
    func approve(_ id: String, as caller: Caller) async throws -> Client {
      try await registry.approveGrant(.with { $0.name = "clients/\(id)" }, as: caller).client
    }
  }

  private static func grant(_ role: Client.Grant.Role, _ scope: String = "") -> Client.Grant {
    .with { ($0.role, $0.scope) = (role, scope) }
  }

  private static func administrator(_ id: String) -> Caller {
    Caller(
      principal: "clients/\(id)", viewer: .everything, rights: Rights(organization: "", grants: [grant(.admin)]))
  }

  private let a = administrator("a")
  private let b = administrator("b")

  /// A registry with so many administrators: `x0`, `x1` and so on.
  private func run(administrators count: Int, _ body: (Trial) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      for id in ["o", "p"] {
        try await test.seed(
          Organization.with {
            ($0.name, $0.title, $0.kind) = ("organizations/\(id)", LocalizedText(id), .internationalOrganization)
          })
      }
      let administrators = (0..<count).map { "clients/x\($0)" }
      for name in administrators {
        try await test.seed(Client.with { ($0.name, $0.roles) = (name, [Self.grant(.admin)]) })
      }
      let clock = Clock()
      let registry = Registry(
        store: test.store,
        TimeAndChance(
          now: { CommitTime(microseconds: clock.time.withLock { $0 }) },
          randomBytes: { [UInt8](repeating: 1, count: $0) }), fourEyes: FourEyes { administrators })
      try await body(Trial(registry: registry, clock: clock))
    }
  }

  @Test func `rights of OFFICER and ADMIN wait until another administrator approves them`() async throws {
    try await run(administrators: 2) { trial in
      for (id, high) in [("officer", Self.grant(.officer, "*")), ("admin", Self.grant(.admin))] {
        let proposed = try await trial.create(id, [Self.grant(.editor), high], as: a)
        #expect(proposed.roles == [Self.grant(.editor)])
        #expect(proposed.elevation?.roles == [high] && proposed.elevation?.proposer == "clients/a")
        #expect(proposed.elevation?.effectTime == nil && proposed.elevation?.approver == "")
        let refusal = await expectRefusal(.fourEyes) { try await trial.approve(id, as: a) }
        #expect(refusal?.code == .failedPrecondition && refusal?.metadata["proposer"] == "clients/a")
        await expectRefusal(.fourEyes) { try await trial.approve(id, as: Self.administrator(id)) }
        #expect(try await trial.client(id).roles == [Self.grant(.editor)])
        let approved = try await trial.approve(id, as: b)
        #expect(approved.roles == [Self.grant(.editor), high])
        #expect(approved.elevation?.approver == "clients/b" && approved.elevation?.effectTime != nil)
        await expectRefusal(.grantNotPending) { try await trial.approve(id, as: b) }
        // What it has, it need not gain; what it loses, it has to gain again.
        #expect(try await trial.set(id, [high], as: a).roles == [high])
        #expect(try await trial.set(id, [], as: a).roles == [])
        #expect(try await trial.set(id, [high], as: b).roles == [])
      }
    }
  }

  @Test func `other rights are given by one`() async throws {
    try await run(administrators: 2) { trial in
      for role in [Client.Grant.Role.reader, .editor, .publisher] {
        let client = try await trial.create("c\(role.rawValue)", [Self.grant(role, "*")], as: a)
        #expect(client.roles == [Self.grant(role, "*")] && client.elevation == nil)
      }
    }
  }

  @Test func `a wider scope is a right that is gained`() async throws {
    try await run(administrators: 2) { trial in
      let own = Self.grant(.officer, "organizations/o")
      _ = try await trial.create("c", [own], as: a)
      #expect(try await trial.approve("c", as: b).roles == [own])
      let wider = try await trial.set("c", [Self.grant(.officer, "*")], as: a)
      #expect(wider.roles == [] && wider.elevation?.roles == [Self.grant(.officer, "*")])
    }
  }

  @Test func `an officer that is to act for another organization gains its rights anew`() async throws {
    try await run(administrators: 2) { trial in
      _ = try await trial.create("c", [Self.grant(.officer)], as: a)
      try await trial.approve("c", as: b)
      let request = UpdateClientRequest.with {
        $0.client = .with { ($0.name, $0.organization) = ("clients/c", "organizations/p") }
        $0.updateMask = ProtobufFieldMask(paths: ["organization"])
      }
      let moved = try await Client(serializedBytes: trial.registry.update(request, as: a).bytes)
      #expect(moved.roles == [] && moved.elevation?.roles == [Self.grant(.officer)])
      #expect(try await trial.approve("c", as: b).roles == [Self.grant(.officer)])
    }
  }

  @Test func `a proposal expires, is withdrawn by other roles, and is not made twice`() async throws {
    try await run(administrators: 3) { trial in
      let high = Self.grant(.officer, "*")
      let first = try await trial.create("c", [high], as: a)
      // The same roles again, from whomever, leave it as it is.
      let again = try await trial.set("c", [high], as: b)
      #expect(again.elevation == first.elevation && again.revision == first.revision)
      await expectRefusal(.fourEyes) { try await trial.approve("c", as: a) }
      #expect(try await trial.set("c", [Self.grant(.reader)], as: a).elevation == nil)
      await expectRefusal(.grantNotPending) { try await trial.approve("c", as: b) }
      _ = try await trial.set("c", [high], as: a)
      trial.clock.advance(days: 7)
      await expectRefusal(.grantNotPending) { try await trial.approve("c", as: b) }
      #expect(try await trial.set("c", [high], as: b).elevation?.proposer == "clients/b")
      #expect(try await trial.approve("c", as: a).roles == [high])
    }
  }

  @Test func `no way of writing a client gives it rights that wait`() async throws {
    try await run(administrators: 2) { trial in
      let high = Self.grant(.admin)
      _ = try await trial.create("c", [high], as: a)
      _ = try await trial.approve("c", as: b)
      let with = try await trial.client("c")
      _ = try await trial.set("c", [], as: b)
      // Back to the version that had them, and as files and batches have it.
      _ = try await trial.registry.rollback(
        RollbackClientRequest.with { ($0.name, $0.revisionID) = ("clients/c", with.revision) }, as: a)
      let back = try await trial.client("c")
      #expect(back.roles == [] && back.elevation?.roles == [high])
      let batch = try await trial.registry.batchCreate(
        BatchCreateClientsRequest.with {
          $0.requests = [.with { ($0.clientID, $0.client) = ("d", .with { $0.roles = [high] }) }]
        }, as: a)
      #expect(try Client(serializedBytes: batch.records[0]).roles == [])
      // What the registry keeps is not for callers to say.
      var forged = try await trial.client("d")
      forged.elevation?.proposer = "clients/z"
      forged.elevation?.effectTime = ProtobufTimestamp(seconds: 1, nanos: 0)
      let request = UpdateClientRequest.with {
        $0.client = forged
        $0.updateMask = ProtobufFieldMask(paths: ["*"])
      }
      let stored = try await Client(serializedBytes: trial.registry.update(request, as: b).bytes)
      #expect(stored.elevation?.proposer == "clients/a" && stored.roles == [])
      // What would be is shown, and nothing is done.
      let shown = try await trial.set("d", [high, Self.grant(.reader)], as: b, validateOnly: true)
      #expect(shown.roles == [Self.grant(.reader)] && shown.elevation?.roles == [high])
      #expect(try await trial.client("d").roles == [])
    }
  }

  @Test func `a token that another administrator gives out takes the rights with it until they are approved`()
    async throws
  {
    try await run(administrators: 3) { trial in
      let rights = [Self.grant(.editor), Self.grant(.officer, "*")]
      _ = try await trial.create("c", rights, as: a)
      // A token of a client that has no such rights yet gives none.
      _ = try await trial.registry.issueToken(.with { $0.name = "clients/c" }, as: a)
      try await trial.approve("c", as: b)
      let itself = Caller(
        principal: "clients/c", viewer: .everything, rights: Rights(organization: "", grants: rights))
      let rotated = try await trial.registry.rotateToken(.with { $0.name = "clients/c" }, as: itself).response
      #expect(rotated.client?.roles == rights)
      for rotates in [false, true] {
        let client =
          rotates
          ? try await trial.registry.rotateToken(.with { $0.name = "clients/c" }, as: a).response.client
          : try await trial.registry.issueToken(.with { $0.name = "clients/c" }, as: a).response.client
        #expect(client?.roles == [Self.grant(.editor)] && client?.elevation?.proposer == "clients/a")
        await expectRefusal(.fourEyes) { try await trial.approve("c", as: a) }
        #expect(try await trial.approve("c", as: b).roles == rights)
      }
      // Whoever runs the daemon has given its rights alone, and gives its tokens alone.
      let operated = try await trial.registry.issueToken(.with { $0.name = "clients/c" }, as: TestRegistry.caller)
      #expect(operated.response.client?.roles == rights)
    }
  }

  @Test func `who takes a token of an administrator cannot approve as that, unless it gave the rights alone`()
    async throws
  {
    try await run(administrators: 3) { trial in
      let (high, giver) = (Self.grant(.admin), Self.administrator("test"))
      /// As whom a token of a client calls.
      func holder(_ client: Client?) -> Caller {
        Caller(
          principal: client?.name ?? "", viewer: .everything,
          rights: Rights(organization: "", grants: client?.roles ?? []))
      }
      func token(of id: String, from caller: Caller) async throws -> Caller {
        holder(try await trial.registry.issueToken(.with { $0.name = "clients/\(id)" }, as: caller).response.client)
      }
      _ = try await trial.create("friend", [Self.grant(.officer, "*")], as: giver)
      _ = try await trial.create("second", [high], as: a)
      try await trial.approve("second", as: b)
      let taken = try await token(of: "second", from: giver)
      for id in ["friend", "second"] {
        await expectRefusal(.roleMissing) { try await trial.approve(id, as: taken) }
        await expectRefusal(.fourEyes) { try await trial.approve(id, as: giver) }
      }
      // Given alone, by the same principal while nobody could approve it.
      let alone = try await trial.create("alone", [high], as: TestRegistry.caller)
      #expect(alone.elevation?.proposer == giver.principal && alone.elevation?.approver == "")
      await expectRefusal(.roleMissing) { try await trial.approve("friend", as: token(of: "alone", from: a)) }
      try await trial.approve("alone", as: b)
      _ = try await trial.set("alone", [], as: a)
      _ = try await trial.set("alone", [high], as: TestRegistry.caller)
      #expect(try await trial.approve("friend", as: token(of: "alone", from: giver)).elevation?.effectTime != nil)
      let shown = try await trial.registry.elevations(.init(), as: a).response.elevations
      #expect(shown.first { $0.client == "clients/alone" }?.state == .givenAlone)
      // Once two have given them the one of before takes them with a token, as anybody else.
      _ = try await trial.set("alone", [], as: a)
      _ = try await trial.set("alone", [high], as: a)
      try await trial.approve("alone", as: b)
      #expect(try await token(of: "alone", from: giver).rights.isAdministrator == false)
    }
  }

  @Test func `a new way to prove who one is takes the rights with it, and one that is gone does not`() async throws {
    try await run(administrators: 3) { trial in
      let high = Self.grant(.officer, "*")
      _ = try await trial.create("c", [high], as: a)
      try await trial.approve("c", as: b)
      func identify(_ certificates: [String], _ subjects: [String]) async throws -> Client {
        let request = UpdateClientRequest.with {
          $0.client = .with {
            ($0.name, $0.certificateIdentities, $0.issuerSubjects) = ("clients/c", certificates, subjects)
          }
          $0.updateMask = ProtobufFieldMask(paths: ["certificate_identities", "issuer_subjects"])
        }
        return try await Client(serializedBytes: trial.registry.update(request, as: a).bytes)
      }
      for (certificates, subjects) in [(["CN=desk"], []), (["CN=desk"], ["https://id.example.org desk-7"])] {
        let client = try await identify(certificates, subjects)
        #expect(client.roles == [] && client.elevation?.roles == [high] && client.elevation?.proposer == "clients/a")
        #expect(try await trial.approve("c", as: b).roles == [high])
      }
      #expect(try await identify(["CN=desk"], []).roles == [high])
    }
  }

  @Test func `with fewer than two administrators rights are given alone, and that is noted`() async throws {
    try await run(administrators: 1) { trial in
      let client = try await trial.create("c", [Self.grant(.admin)], as: a)
      #expect(client.roles == [Self.grant(.admin)])
      #expect(client.elevation?.proposer == "clients/a" && client.elevation?.approver == "")
      #expect(client.elevation?.effectTime != nil && client.elevation?.expireTime == nil)
    }
  }

  @Test func `whoever runs the daemon gives rights alone`() async throws {
    try await run(administrators: 2) { trial in
      let client = try await trial.create("c", [Self.grant(.admin)], as: TestRegistry.caller)
      #expect(client.roles == [Self.grant(.admin)] && client.elevation?.proposer == "clients/test")
    }
  }

  @Test func `the owners are told of rights that were given, or are to be`() async throws {
    try await run(administrators: 2) { trial in
      _ = try await trial.create("pending", [Self.grant(.admin)], as: a)
      _ = try await trial.create("given", [Self.grant(.officer, "*")], as: a)
      _ = try await trial.approve("given", as: b)
      _ = try await trial.create("reader", [Self.grant(.reader)], as: a)
      _ = try await trial.create("alone", [Self.grant(.admin)], as: TestRegistry.caller)
      func states(_ caller: Caller) async throws -> [String: ListClientElevationsResponse.ClientElevation.State] {
        var request = ListClientElevationsRequest.with { $0.pageSize = 1 }
        var states: [String: ListClientElevationsResponse.ClientElevation.State] = [:]
        repeat {
          let page = try await trial.registry.elevations(request, as: caller).response
          for one in page.elevations where !one.client.hasPrefix("clients/x") { states[one.client] = one.state }
          request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        return states
      }
      let all: [String: ListClientElevationsResponse.ClientElevation.State] = [
        "clients/alone": .givenAlone, "clients/given": .given, "clients/pending": .pending,
      ]
      #expect(try await states(a) == all)
      func officer(_ organization: String) -> Caller {
        Caller(
          principal: "clients/eye", viewer: Viewer { _ in false },
          rights: Rights(organization: organization, grants: [Self.grant(.officer)]))
      }
      #expect(try await states(officer("organizations/o")) == all)
      #expect(try await states(officer("organizations/p")).isEmpty)
      #expect(try await states(officer("")).isEmpty)
      trial.clock.advance(days: 7)
      #expect(try await states(b)["clients/pending"] == .expired)
      await expectRefusal(.pageSizeInvalid) {
        _ = try await trial.registry.elevations(.with { $0.pageSize = -1 }, as: a)
      }
      await expectRefusal(.pageTokenInvalid) {
        _ = try await trial.registry.elevations(.with { $0.pageToken = "x" }, as: a)
      }
      let reader = Caller(
        principal: "clients/r", viewer: .everything,
        rights: Rights(organization: "organizations/o", grants: [Self.grant(.officer)]))
      await expectRefusal(.roleMissing) { try await trial.approve("pending", as: reader) }
    }
  }
}
