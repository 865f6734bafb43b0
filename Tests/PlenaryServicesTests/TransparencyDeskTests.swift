import GoogleAPI
import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Synchronization
import Testing
import Transparency

@testable import PlenaryDomain
@testable import PlenaryServices

/// What is told of the tree over the audit, and to whom.
@Suite(.timeLimit(.minutes(10))) struct TransparencyDeskTests {
  private static let admin = Caller(principal: "clients/admin", viewer: .everything)
  private static let officer = Caller(
    principal: "clients/officer", viewer: Viewer { _ in false },
    rights: Rights(organization: "organizations/o", grants: [.with { ($0.role, $0.scope) = (.officer, "*") }]))

  /// A whole hour, and the least time after it at which its head is published.
  private static let hour: Int64 = 1_500_001_200_000_000
  private static let minute: Int64 = 60_000_000

  private final class Clock: Sendable {
    let time = Mutex(TransparencyDeskTests.hour)
    var now: CommitTime { CommitTime(microseconds: time.withLock { $0 }) }
    func set(_ time: Int64) { self.time.withLock { $0 = time } }
  }

  private struct World {
    let clock = Clock()
    let key: SigningKey
    let store: SQLiteStore
    let accessLog: AccessLog
    let desk: TransparencyDesk

    init() throws {
      let (clock, random) = (clock, { @Sendable (count: Int) in (0..<count).map { _ in UInt8.random(in: 0...255) } })
      store = try SQLiteStore(.init(.memory, now: { clock.now }, randomBytes: random))
      let registry = Registry(store: store, now: { clock.now }, randomBytes: random)
      key = try SigningKey(name: "o", use: .log, seed: Array(0..<32))
      accessLog = try AccessLog(
        beside: store, key, .init(), now: { clock.now }, report: { Issue.record("\($0)") }, begun: {})
      desk = TransparencyDesk(
        log: store, accessLog: accessLog, registry: registry, key: key, now: { clock.now })
    }

    func write(_ count: Int, at time: Int64) async throws {
      clock.set(time)
      for number in 0..<count {
        _ = try await store.commit(
          WriteRequest(
            actor: "a",
            mutations: [
              .put(
                Key(stored: "themes/t\(number)"),
                Content(body: [1], marking: PlenaryStore.Marking(label: 5), entries: []))
            ]))
      }
    }
  }

  private func run(_ body: (World) async throws -> Void) async throws {
    let world = try World()
    let result: Result<Void, any Error>
    do { result = .success(try await body(world)) } catch { result = .failure(error) }
    await world.accessLog.close()
    await world.store.close()
    try result.get()
  }

  @Test func `who does not see everything is told the same head for an hour, whatever is written`() async throws {
    try await run { world in
      let hour = Self.hour
      try await world.write(5, at: hour - 1000)
      try await world.write(3, at: hour + 1)
      var told: Set<String> = []
      for time in [hour + Self.minute, hour + 30 * Self.minute, hour + 61 * Self.minute - 1] {
        try await world.write(2, at: time)
        let head = try await world.desk.head(for: Self.officer)
        #expect(head.treeSize == 5 && head.signTime?.microseconds == hour)
        told.insert(head.checkpoint)
        #expect(try await world.desk.consistency(.with { $0.firstTreeSize = 2 }, for: Self.officer).secondTreeSize == 5)
      }
      #expect(told.count == 1)
      // Before it is published, and after the next one is.
      world.clock.set(hour + Self.minute - 1)
      #expect(try await world.desk.head(for: Self.officer).treeSize == 0)
      world.clock.set(hour + 61 * Self.minute)
      #expect(try await world.desk.head(for: Self.officer).treeSize == 12)
      #expect(try await world.desk.head(for: Self.admin).treeSize == 14)
    }
  }

  @Test func `a head that is published is the same whatever is read, and holds the registry to its access log`()
    async throws
  {
    try await run { world in
      let hour = Self.hour
      func read(_ name: String, at time: Int64) async throws -> AccessLogEnd {
        world.clock.set(time)
        world.accessLog.note(AccessEvent(.read, principal: "clients/a", method: "Get", resource: name))
        try await world.accessLog.write()
        return try await world.accessLog.end(at: nil)
      }
      func checkpoint(_ caller: Caller) async throws -> Checkpoint {
        try Checkpoint(SignedNote(reading: try await world.desk.head(for: caller).checkpoint).text)
      }
      func holds(_ head: Checkpoint, to end: AccessLogEnd) -> Bool {
        AccessCommitment(of: head, by: world.key).digest(number: end.number, digest: end.digest)
          == head.accessCommitment
      }
      try await world.write(5, at: hour - 1000)
      let before = try await read("themes/before", at: hour - 500)
      var told: Set<Checkpoint> = []
      for minute in [1, 30, 60] as [Int64] {
        let after = try await read("themes/secret", at: hour + minute * Self.minute)
        let head = try await checkpoint(Self.officer)
        told.insert(head)
        #expect(holds(head, to: before) && !holds(head, to: after))
        #expect(holds(try await checkpoint(Self.admin), to: after))
        let proof = try await world.desk.consistency(.with { $0.firstTreeSize = 2 }, for: Self.officer)
        #expect(try Checkpoint(SignedNote(reading: proof.checkpoint).text) == head)
      }
      #expect(told.count == 1)
      // Nothing is written or read for two hours, and the lines tell nothing of that.
      for hours in [2, 3] as [Int64] {
        world.clock.set(hour + (60 * hours + 1) * Self.minute)
        told.insert(try await checkpoint(Self.officer))
      }
      #expect(Set(told.map(\.size)) == [5] && Set(told.map(\.accessCommitment)).count == 3)
    }
  }

  @Test func `sizes that were not published are refused as those that never were`() async throws {
    try await run { world in
      try await world.write(5, at: Self.hour - 1000)
      try await world.write(3, at: Self.hour + Self.minute)
      func refusal(_ first: Int64, _ second: Int64, as caller: Caller) async throws -> String? {
        do {
          _ = try await world.desk.consistency(
            .with { ($0.firstTreeSize, $0.secondTreeSize) = (first, second) }, for: caller)
          return nil
        } catch {
          #expect(error.reason == .numberOutOfRange)
          return error.message.replacing("\(max(first, second))", with: "n")
        }
      }
      #expect(try await refusal(2, 5, as: Self.officer) == nil)
      let sizes: [Int64] = [6, 8, 9]
      var told: Set<String?> = []
      for size in sizes { told.insert(try await refusal(2, size, as: Self.officer)) }
      #expect(told.count == 1 && !told.contains(nil))
      told = []
      for size in sizes { told.insert(try await refusal(size, 0, as: Self.officer)) }
      #expect(told.count == 1 && !told.contains(nil))
      for (size, isThere) in zip(sizes, [true, true, false]) {
        #expect((try await refusal(2, size, as: Self.admin) == nil) == isThere)
      }
    }
  }

  @Test func `a witness who is no administrator can go on from head to head`() async throws {
    try await run { world in
      var kept: (size: Int64, root: [UInt8]) = (0, MerkleTree.emptyRoot)
      for round in 0..<6 as Range<Int64> {
        let hour = Self.hour + round * 60 * Self.minute
        try await world.write(Int(round) * 90, at: hour - 1_000_000)
        try await world.write(1, at: hour + Self.minute)
        let head = try await world.desk.head(for: Self.officer)
        let proof = try await world.desk.consistency(.with { $0.firstTreeSize = kept.size }, for: Self.officer)
        #expect(proof.checkpoint == head.checkpoint && proof.secondTreeSize == head.treeSize)
        #expect(
          MerkleTree.holds(
            consistency: proof.hashes, from: UInt64(kept.size), kept.root, to: UInt64(head.treeSize), head.rootHash))
        kept = (head.treeSize, head.rootHash)
      }
      #expect(kept.size > 1000)
    }
  }
}
