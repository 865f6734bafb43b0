import Foundation
import PlenaryClient
import PlenaryTestKit
import Testing

@Suite(.timeLimit(.minutes(10))) struct RegistryClientTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func example() throws -> [Record] {
    try Record.bundled(json: Array(Data(contentsOf: root.appending(path: "Deploy/examples/asia-ict-ct.json"))))
  }

  @Test func `the example of the README does what it says`() async throws {
    try await withPlenary(importing: Self.example()) { plenary in
      let places = try await places(of: "series/asia-ict-ct-dialogue", server: plenary.address)
      #expect(places == ["1. Jeju Island", "2. Bangkok", "3. Kuala Lumpur"])
    }
  }

  @Test func `the README shows the example as it is compiled`() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let example = try String(
      contentsOf: Self.root.appending(path: "Tests/PlenaryClientTests/DocExamples.swift"), encoding: .utf8)
    #expect(readme.contains("```swift\n\(example)```"))
  }

  @Test func `a record goes in, is changed and deleted, and a stale version is refused`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      let created = try await themes.create(.theme("Recruitment"), id: "recruitment")
      var changed = created
      changed.prefLabel?.values["fr"] = "Recrutement"
      let updated = try await themes.update(changed, paths: ["pref_label.values.fr"])
      #expect(updated.prefLabel?.values == ["en": "Recruitment", "fr": "Recrutement"])
      #expect(updated.uid == created.uid && updated.etag != created.etag)

      changed.prefLabel?.values["fr"] = "Embauche"
      let refusal = await #expect(throws: GRPCStatus.self) { try await themes.update(changed) }
      #expect(refusal?.code == .aborted && refusal?.reason == "ETAG_MISMATCH")
      #expect(refusal?.errorInfo?.metadata["actual"] == updated.etag)

      let deleted = try await themes.delete("themes/recruitment", etag: updated.etag)
      #expect(deleted.deleteTime != nil && deleted.state == .deleted)
      #expect(try await themes.list().reduce(0) { count, _ in count + 1 } == 0)
      #expect(try await themes.get("themes/recruitment") == deleted)
    }
  }

  @Test func `a list asks for a page only when it is read that far`() async throws {
    try await withPlenary(importing: Self.example()) { plenary in
      let request = ListThemesRequest.with { $0.pageSize = 2 }
      var first: Theme?
      for try await theme in plenary.registry.themes.list(request) {
        first = theme
        break
      }
      #expect(first != nil)
      let bad = plenary.registry.themes.list(.with { $0.pageToken = "nonsense" })
      let refusal = await #expect(throws: GRPCStatus.self) { for try await _ in bad {} }
      #expect(refusal?.code == .invalidArgument && refusal?.reason == "PAGE_TOKEN_INVALID")
    }
  }

  @Test func `each field that is wrong is named`() async throws {
    try await withPlenary { plenary in
      let dialogue = Dialogue.with {
        $0.timeZone = "Asia Bangkok"
        $0.location = .with { $0.regionCode = "Malaysia" }
      }
      let refusal = await #expect(throws: GRPCStatus.self) {
        try await plenary.registry.dialogues.create(dialogue, id: "d")
      }
      #expect(Set(refusal?.fieldViolations.map(\.field) ?? []) == ["time_zone", "location.region_code"])
    }
  }

  @Test func `a registry that is not there is unavailable, and an address that is none is told at once`() async throws {
    let refusal = await #expect(throws: GRPCStatus.self) {
      try await RegistryClient.withConnection(to: "unix:/nowhere/plenary.sock") { registry in
        _ = try await registry.themes.get("themes/t", options: CallOptions(timeout: .seconds(10)))
      }
    }
    #expect(refusal?.code == .unavailable && refusal?.message.contains("/nowhere/plenary.sock") == true)
    #expect(throws: (any Error).self) { try RegistryClient(server: "nowhere") }
  }

  @Test func `two registries do not share anything`() async throws {
    try await withPlenary(importing: Self.example()) { one in
      try await withPlenary { other in
        _ = try await other.registry.themes.create(.theme("Alone"), id: "alone")
        let refusal = await #expect(throws: GRPCStatus.self) { try await one.registry.themes.get("themes/alone") }
        #expect(refusal?.code == .notFound)
        #expect(try await other.registry.exportRecords().records.count == 1)
      }
    }
  }

  @Test func `a token goes with calls, and to another machine only over TLS`() async throws {
    let token = "plen_of-a-test"
    let refusal = #expect(throws: ClearTextToken.self) {
      try RegistryClient(server: "registry.example:7443", token: token)
    }
    #expect(refusal.map { "\($0)".contains(token) } == false)
    var configuration = ChannelConfiguration()
    configuration.tls = TLSClientConfiguration()
    let sealed = try RegistryClient(server: "registry.example:7443", token: token, configuration: configuration)
    await sealed.close(grace: .zero)
    // A daemon that lets everyone in takes what it is sent.
    try await withPlenary(importing: Self.example()) { plenary in
      try await RegistryClient.withConnection(to: plenary.address, token: token) { registry in
        let records = try await registry.exportRecords().records
        #expect(!records.isEmpty)
      }
    }
  }

  @Test func `records that a test cannot begin with are told with their reasons`() async throws {
    let broken = Record.with { $0.kind = .theme(.with { $0.name = "themes/broken" }) }
    let refusal = await #expect(throws: TestRecordsRefused.self) { try await withPlenary(importing: [broken]) { _ in } }
    #expect(refusal?.description.hasPrefix("themes/broken: ") == true)
  }
}

extension Theme {
  fileprivate static func theme(_ label: String) -> Theme {
    .with {
      $0.scheme = "topics"
      $0.prefLabel = .with {
        $0.values = ["en": label]
        $0.originalLanguage = "en"
      }
    }
  }
}
