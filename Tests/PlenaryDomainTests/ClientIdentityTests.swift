import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Which client a certificate is that of, or the subject of a token.
@Suite(.timeLimit(.minutes(10))) struct ClientIdentityTests {
  private static let uri = "spiffe://example.org/desk"

  private func create(_ test: TestRegistry, _ id: String, _ organization: String, _ identities: [String]) async throws {
    try await test.create(
      CreateClientRequest.with {
        $0.client = .with {
          $0.organization = organization
          $0.roles = [.with { $0.role = .reader }]
          $0.certificateIdentities = identities
        }
        $0.clientID = id
      })
  }

  /// Two organizations and a directory of the clients.
  private func withOrganizations(_ body: (TestRegistry, ClientDirectory) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      for id in ["a", "b"] {
        try await test.create(
          CreateOrganizationRequest.with {
            $0.organization = .with { ($0.kind, $0.title) = (.governmentBody, .with { $0.values = ["en": id] }) }
            $0.organizationID = id
          })
      }
      let directory = ClientDirectory(test.store)
      try await directory.load()
      try await body(test, directory)
    }
  }

  private func name(
    _ directory: ClientDirectory, _ uris: [String], subject: String = "", at seconds: Int64 = 0,
    of organizations: String...
  ) async throws -> String? {
    try await directory.catchUp()
    return directory.member(
      withURIs: uris, subject: subject, at: CommitTime(microseconds: TestRegistry.start + seconds * 1_000_000),
      where: organizations.contains)?.caller.principal
  }

  @Test(arguments: [
    "spiffe://example.org/desk", "urn:uuid:1", "plenary:clients/desk", "CN=desk", "CN=desk,O=Example",
    "CN=desk+UID=7,O=Exam\\, ple", "2.5.4.99=#0401FF", "CN=a=b", "CN=Büro",
    "CN=" + String(repeating: "x", count: 509),
  ])
  func `a URI or a subject is an identity`(text: String) {
    #expect(ClientIdentity(certificate: text) != nil)
  }

  @Test(arguments: [
    "", "desk", ":", "=", "CN=", "spiffe:", "1a:b", "spiffe://example.org/a b", "CN=desk, O=Example", "CN=desk,",
    "CN=desk,O", "CN=a\nb", "spiffe://büro", "CN=desk\\", "CN= desk", "C N=desk",
    "CN=" + String(repeating: "x", count: 510),
  ])
  func `anything else is none`(text: String) async throws {
    #expect(ClientIdentity(certificate: text) == nil)
    try await TestRegistry.run { test in
      await expectRefusal(text.isEmpty ? .fieldRequired : .certificateInvalid, "certificate_identities.1") {
        try await create(test, "desk", "", [Self.uri, text])
      }
    }
  }

  @Test func `a client has at most ten`() async throws {
    try await TestRegistry.run { test in
      try await create(test, "ten", "", (0..<10).map { "urn:x:\($0)" })
      await expectRefusal(.listTooLong, "certificate_identities") {
        try await create(test, "eleven", "", (0..<11).map { "urn:y:\($0)" })
      }
    }
  }

  @Test func `whom an authority does not speak for, it cannot make`() async throws {
    try await withOrganizations { test, directory in
      try await create(test, "desk", "organizations/a", [Self.uri, "CN=desk,O=A"])
      #expect(try await name(directory, [Self.uri], of: "organizations/a") == "clients/desk")
      #expect(try await name(directory, [], subject: "CN=desk,O=A", of: "organizations/a") == "clients/desk")
      #expect(try await name(directory, [Self.uri], of: "organizations/b") == nil)
      #expect(try await name(directory, [Self.uri], of: "") == nil)
      // A subject is no URI, whatever is written in it, and the other way round.
      #expect(try await name(directory, ["CN=desk,O=A"], of: "organizations/a") == nil)
      #expect(try await name(directory, [], subject: Self.uri, of: "organizations/a") == nil)
    }
  }

  @Test func `two organizations may have the same, and one has it once`() async throws {
    try await withOrganizations { test, directory in
      try await create(test, "desk", "organizations/a", [Self.uri])
      try await create(test, "table", "organizations/b", [Self.uri])
      await expectRefusal(.certificateTaken, "certificate_identities") {
        try await create(test, "other", "organizations/a", ["CN=other", Self.uri])
      }
      #expect(try await name(directory, [Self.uri], of: "organizations/a") == "clients/desk")
      #expect(try await name(directory, [Self.uri], of: "organizations/b") == "clients/table")
      // Whose it is cannot be said.
      #expect(try await name(directory, [Self.uri], of: "organizations/a", "organizations/b") == nil)
    }
  }

  @Test func `a certificate with the names of two clients is that of neither`() async throws {
    try await withOrganizations { test, directory in
      try await create(test, "one", "organizations/a", [Self.uri, "CN=one"])
      try await create(test, "two", "organizations/a", ["urn:two"])
      #expect(try await name(directory, [Self.uri, "urn:two"], of: "organizations/a") == nil)
      #expect(try await name(directory, [Self.uri], subject: "CN=one", of: "organizations/a") == "clients/one")
    }
  }

  @Test func `an identity that is taken out, or whose client is gone, is good no longer`() async throws {
    try await withOrganizations { test, directory in
      try await create(test, "desk", "organizations/a", [Self.uri, "CN=desk"])
      #expect(try await name(directory, [Self.uri], of: "organizations/a") != nil)
      try await test.update(
        UpdateClientRequest.with {
          $0.client = .with {
            $0.name = "clients/desk"
            $0.certificateIdentities = ["CN=desk"]
            $0.expireTime = .with { $0.seconds = TestRegistry.start / 1_000_000 + 500 }
          }
          $0.updateMask = ProtobufFieldMask(paths: ["certificate_identities", "expire_time"])
        })
      #expect(try await name(directory, [Self.uri], of: "organizations/a") == nil)
      #expect(try await name(directory, [], subject: "CN=desk", at: 499, of: "organizations/a") == "clients/desk")
      #expect(try await name(directory, [], subject: "CN=desk", at: 500, of: "organizations/a") == nil)
      try await test.delete(DeleteClientRequest.with { $0.name = "clients/desk" })
      #expect(try await name(directory, [], subject: "CN=desk", of: "organizations/a") == nil)
    }
  }
}
