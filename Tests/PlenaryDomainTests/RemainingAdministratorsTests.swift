import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Four eyes on removing administrators.
@Suite(.timeLimit(.minutes(10))) struct RemainingAdministratorsTests {
  private static let admin = Client.Grant.with { $0.role = .admin }

  private static func administrator(_ id: String) -> Caller {
    Caller(principal: "clients/\(id)", viewer: .everything, rights: Rights(organization: "", grants: [admin]))
  }

  private let a = administrator("x0")

  /// A registry with so many administrators: `x0`, `x1` and so on.
  private func run(
    administrators count: Int, fourEyes: Bool = true, _ body: (Registry) async throws -> Void
  ) async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Organization.with {
          ($0.name, $0.title, $0.kind) = ("organizations/o", LocalizedText("o"), .internationalOrganization)
        })
      let administrators = (0..<count).map { "clients/x\($0)" }
      for name in administrators {
        try await test.seed(Client.with { ($0.name, $0.roles) = (name, [Self.admin]) })
      }
      try await body(
        Registry(
          store: test.store,
          TimeAndChance(
            now: { CommitTime(microseconds: TestRegistry.start) }, randomBytes: { [UInt8](repeating: 1, count: $0) }),
          fourEyes: fourEyes ? FourEyes { administrators } : nil))
    }
  }

  private func update(
    _ id: String, _ paths: [String], in registry: Registry, as caller: Caller,
    _ change: @Sendable (inout Client) -> Void = { _ in }
  ) async throws {
    var client = Client.with { $0.name = "clients/\(id)" }
    change(&client)
    _ = try await registry.update(
      UpdateClientRequest.with { ($0.client, $0.updateMask) = (client, ProtobufFieldMask(paths: paths)) }, as: caller)
  }

  private func removeRoles(of id: String, in registry: Registry, as caller: Caller) async throws {
    try await update(id, ["roles"], in: registry, as: caller) { _ in }
  }

  private func isAdministrator(_ id: String, in registry: Registry) async throws -> Bool {
    let request = GetClientRequest.with { $0.name = "clients/\(id)" }
    return try await Client(serializedBytes: registry.get(request, as: TestRegistry.caller).bytes).isAdministrator
  }

  @Test func `nobody removes the other administrators and is alone then`() async throws {
    try await run(administrators: 2) { registry async throws in
      let refusal = await expectRefusal(.fourEyes) { try await removeRoles(of: "x1", in: registry, as: a) }
      #expect(refusal?.code == .failedPrecondition && refusal?.metadata["remaining"] == "1")
      #expect(refusal?.resource == "clients/x1")
      await expectRefusal(.fourEyes) {
        _ = try await registry.delete(DeleteClientRequest.with { $0.name = "clients/x1" }, as: a)
      }
      // Whoever has a token or a certificate of it has its rights, so they would wait.
      await expectRefusal(.fourEyes) { _ = try await registry.issueToken(.with { $0.name = "clients/x1" }, as: a) }
      await expectRefusal(.fourEyes) { _ = try await registry.rotateToken(.with { $0.name = "clients/x1" }, as: a) }
      await expectRefusal(.fourEyes) {
        try await update("x1", ["certificate_identities"], in: registry, as: a) { $0.certificateIdentities = ["CN=x"] }
      }
      await expectRefusal(.fourEyes) {
        try await update("x1", ["organization"], in: registry, as: a) { $0.organization = "organizations/o" }
      }
      let described = Record.with { $0.kind = .client(.with { $0.name = "clients/x1" }) }
      await expectRefusal(.fourEyes) {
        _ = try await registry.apply(.with { $0.records = [described] }, as: a)
      }
      #expect(try await isAdministrator("x1", in: registry))
    }
  }

  @Test func `an administrator is kept out at once all the same`() async throws {
    try await run(administrators: 2) { registry async throws in
      _ = try await registry.issueToken(.with { $0.name = "clients/x1" }, as: Self.administrator("x1"))
      let revoked = try await registry.revokeToken(
        .with { ($0.name, $0.tokenID) = ("clients/x1", "*") }, as: a
      ).client
      #expect(revoked.tokens.isEmpty && revoked.isAdministrator)
      try await update("x1", ["expire_time"], in: registry, as: a) {
        $0.expireTime = ProtobufTimestamp(CommitTime(microseconds: TestRegistry.start))
      }
      // It is counted on, so that what is given meanwhile waits.
      let created = try await Client(
        serializedBytes: registry.create(
          CreateClientRequest.with { ($0.clientID, $0.client) = ("new", .with { $0.roles = [Self.admin] }) }, as: a
        ).bytes)
      #expect(created.roles == [] && created.elevation?.effectTime == nil)
    }
  }

  @Test func `who gives its own rights up, and who runs the daemon, needs nobody`() async throws {
    try await run(administrators: 2) { registry async throws in
      try await removeRoles(of: "x1", in: registry, as: Self.administrator("x1"))
      #expect(try await !isAdministrator("x1", in: registry))
    }
    try await run(administrators: 2) { registry async throws in
      _ = try await registry.delete(DeleteClientRequest.with { $0.name = "clients/x1" }, as: TestRegistry.caller)
    }
    try await run(administrators: 2, fourEyes: false) { registry async throws in
      try await removeRoles(of: "x1", in: registry, as: a)
    }
  }

  @Test func `one of three can be removed, and two of them not together`() async throws {
    try await run(administrators: 3) { registry async throws in
      let described = ["x1", "x2"].map { id in Record.with { $0.kind = .client(.with { $0.name = "clients/\(id)" }) } }
      await expectRefusal(.fourEyes) {
        _ = try await registry.apply(.with { $0.records = described }, as: a)
      }
      _ = try await registry.delete(DeleteClientRequest.with { $0.name = "clients/x2" }, as: a)
      await expectRefusal(.fourEyes) { try await removeRoles(of: "x1", in: registry, as: a) }
    }
  }

  @Test func `two are not removed at the same time either`() async throws {
    for _ in 0..<10 {
      try await run(administrators: 3) { registry async throws in
        let count = await withTaskGroup(of: Bool.self) { group in
          for id in ["x1", "x2"] {
            group.addTask {
              do {
                try await removeRoles(of: id, in: registry, as: a)
                return true
              } catch {
                return false
              }
            }
          }
          return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(count == 1)
      }
    }
  }

  @Test func `other rights of others are removed by one`() async throws {
    try await run(administrators: 2) { registry async throws in
      _ = try await registry.create(
        CreateClientRequest.with {
          ($0.clientID, $0.client) = ("eye", .with { $0.roles = [.with { ($0.role, $0.scope) = (.officer, "*") }] })
        }, as: TestRegistry.caller)
      try await removeRoles(of: "eye", in: registry, as: a)
      _ = try await registry.delete(DeleteClientRequest.with { $0.name = "clients/eye" }, as: a)
    }
  }
}
