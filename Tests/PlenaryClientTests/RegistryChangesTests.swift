import PlenaryClient
import PlenaryTestKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct RegistryChangesTests {
  /// Answers each watch with the next part of a script: messages, and how the call ends.
  private final class Script: ChangeService {
    typealias Part = (messages: [WatchChangesResponse], end: GRPCStatus?)

    private let parts: Mutex<[Part]>
    private let asked = Mutex<[WatchChangesRequest.Start?]>([])

    init(_ parts: [Part]) { self.parts = Mutex(parts) }

    /// Where each watch began.
    var starts: [WatchChangesRequest.Start?] { asked.withLock { $0 } }

    func listChanges(_ request: ListChangesRequest, context: CallContext) async throws -> ListChangesResponse {
      ListChangesResponse()
    }

    func watchChanges(
      _ request: WatchChangesRequest, responses: ResponseWriter<WatchChangesResponse>, context: CallContext
    ) async throws {
      asked.withLock { $0.append(request.start) }
      let part = parts.withLock { $0.isEmpty ? ([], GRPCStatus(.internal, "the script is over")) : $0.removeFirst() }
      for message in part.messages { try await responses.write(message) }
      if let end = part.end { throw end }
    }
  }

  private static func message(
    _ kind: WatchChangesResponse.Kind, _ revision: String = "", more: Bool = false
  ) -> WatchChangesResponse {
    .with { ($0.kind, $0.revision, $0.more) = (kind, revision, more) }
  }

  /// Watches a script from a place; the kinds and revisions of what came, and how it ended.
  private func run(
    _ parts: [Script.Part], from start: WatchChangesRequest.Start?
  ) async throws -> (told: [String], end: GRPCStatus?, starts: [WatchChangesRequest.Start?]) {
    let script = Script(parts)
    var router = Router()
    router.register(changeService: script)
    let server = GRPCServer(router: router)
    let address = try await server.listen(on: "127.0.0.1:0")
    var told: [String] = []
    var end: GRPCStatus?
    try await RegistryClient.withConnection(to: address) { registry in
      do {
        for try await message in registry.changes(from: start) { told.append("\(message.kind) \(message.revision)") }
      } catch let status as GRPCStatus {
        end = status
      }
    }
    await server.stop(grace: .zero)
    return (told, end, script.starts)
  }

  private static let gone = GRPCStatus(.unavailable, "the daemon stops")
  private static let compacted = GRPCStatus(.outOfRange, "compacted")

  @Test func `a watch that breaks goes on behind the last revision`() async throws {
    let found = try await run(
      [
        ([Self.message(.progress, "r1"), Self.message(.changes, "r2"), Self.message(.changes, more: true)], Self.gone),
        ([Self.message(.changes, more: true), Self.message(.changes, "r3")], GRPCStatus(.resourceExhausted, "slow")),
        ([], Self.gone),
        ([Self.message(.progress, "r4")], Self.compacted),
      ], from: nil)
    #expect(
      found.told == [
        "PROGRESS r1", "CHANGES r2", "CHANGES ", "CHANGES ", "CHANGES r3", "PROGRESS r4",
      ])
    #expect(found.starts == [nil, .afterRevision("r2"), .afterRevision("r3"), .afterRevision("r3")])
    // What does not pass is for the caller.
    #expect(found.end?.code == .outOfRange)
  }

  @Test func `a snapshot that breaks off begins anew, and what came of it is to be forgotten`() async throws {
    let found = try await run(
      [
        ([Self.message(.snapshot)], Self.gone),
        ([Self.message(.snapshot), Self.message(.snapshotEnd, "r1")], Self.gone),
        ([Self.message(.changes, "r2")], Self.compacted),
      ], from: .snapshot(true))
    #expect(found.told == ["SNAPSHOT ", "RESYNC ", "SNAPSHOT ", "SNAPSHOT_END r1", "CHANGES r2"])
    #expect(found.starts == [.snapshot(true), .snapshot(true), .afterRevision("r1")])
  }

  @Test func `behind RESYNC comes a snapshot`() async throws {
    let found = try await run(
      [
        ([Self.message(.progress, "r1"), Self.message(.resync)], nil),
        ([Self.message(.snapshot), Self.message(.snapshotEnd, "r2")], Self.compacted),
      ], from: .afterRevision("r0"))
    #expect(found.told == ["PROGRESS r1", "RESYNC ", "SNAPSHOT ", "SNAPSHOT_END r2"])
    #expect(found.starts == [.afterRevision("r0"), .snapshot(true)])
  }

  @Test func `a watch that cannot begin is not tried again`() async throws {
    let found = try await run([([], Self.gone)], from: nil)
    #expect(found.end?.code == .unavailable && found.starts.count == 1)
  }

  @Test func `what a registry tells is folded to what it holds`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      func theme(_ label: String) -> Theme {
        .with {
          $0.scheme = "topics"
          $0.prefLabel = .with { ($0.values, $0.originalLanguage) = (["en": label], "en") }
        }
      }
      _ = try await themes.create(theme("a"), id: "a")
      var held: [String: Record] = [:]
      var hasSnapshot = false
      for try await message in plenary.registry.changes(from: .snapshot(true)) {
        for change in message.changes { held[change.resource] = change.after }
        if message.kind == .snapshotEnd {
          hasSnapshot = true
          #expect(held.keys.sorted() == ["themes/a"])
          _ = try await themes.create(theme("b"), id: "b")
          _ = try await themes.delete("themes/a")
        }
        if hasSnapshot, held.keys.sorted() == ["themes/b"] { break }
      }
      #expect(held["themes/b"]?.kind == .theme(try await themes.get("themes/b")))
    }
  }
}
