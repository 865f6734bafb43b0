import PlenaryStore
import PlenaryStoreSQLite
import Testing

@testable import PlenaryTestKit

/// Copies of a store that take what it commits.
@Suite struct ReplicationTests {
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `a copy that has taken a history is equal to its leader in every row`(_ seed: UInt64) async throws {
    var numbers = SeededNumbers(seed: seed)
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await write(to: leader, requests: 30, &numbers)
        try await pair.copy(leader)
        for _ in 0..<12 {
          // A copy that is opened and closed at any moment, as one that crashes is.
          try await withStore(pair.followerConfiguration) { follower in
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
              try await write(to: leader, requests: Int.random(in: 0...12, using: &numbers), &numbers)
              let limit = LogLimit(entries: Int.random(in: 1...9, using: &numbers))
              let pages = Int.random(in: 1...6, using: &numbers)
              try await pull(into: follower, from: leader, limit, pages: pages)
              try await #expect(follower.verify(.full, watch: .nobody).findings == [])
            }
            if Int.random(in: 0..<3, using: &numbers) == 0 {
              let oldest = Revision(UInt64.random(in: 0...(try await follower.head()).number, using: &numbers))
              if try await leader.oldestRevision() < oldest { try await compact(leader, to: oldest) }
            }
          }
        }
        try await withStore(pair.followerConfiguration) { follower in
          try await pull(into: follower, from: leader, LogLimit(), pages: .max)
          try await compareReads(leader, follower)
        }
      }
      try pair.compareTables()
      #expect(try SQLiteStore.verify(directory: pair.follower, .full, now: later, watch: .nobody).findings == [])
    }
  }

  @Test func `what is purged before a copy takes it is never seen there`() async throws {
    try await withPair { leader, follower in
      try await fill(leader)
      _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("secret", "first")]))
      try await pull(into: follower, from: leader, LogLimit(), pages: .max)
      _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("secret", "second")]))
      _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("other", "text")]))
      _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [.purge(Key(stored: "secret"))]))
      // In memory, where a read would find it.
      _ = try await follower.get([Key(stored: "secret")], as: .everything, at: nil)
      for _ in 0..<3 {
        try await pull(into: follower, from: leader, LogLimit(entries: 1), pages: 1)
        let found = try await follower.get(Key(stored: "secret"), as: .everything)
        #expect(found.record == nil)
        try await #expect(follower.verify(.full, watch: .nobody).findings == [])
      }
      let (leaderHead, followerHead) = (try await leader.head(), try await follower.head())
      #expect(leaderHead == followerHead)
    }
  }

  @Test func `what does not continue the copy is refused and leaves nothing`() async throws {
    try await withPair { leader, follower in
      try await fill(leader)
      let before = try await follower.position()
      let page = try await leader.log(after: before.revision, limit: LogLimit())
      let last = page.entries.count - 1
      let changes: [(String, (inout [LogEntry]) -> Void)] = [
        ("body", { $0[last].version?.content?.body.append(1) }),
        ("salt", { $0[last].version?.content?.salt.append(1) }),
        ("actor", { $0[1].actor = "clients/b" }), ("key", { $0[2].key = "a/9" }),
        ("time", { $0[3].time = CommitTime(microseconds: 1) }), ("reason", { $0[4].reason = "another" }),
        ("request id", { $0[1].requestID = nil }), ("request hash", { $0[1].requestHash = [8] }),
        ("state", { $0[0].state = 2 }), ("no state", { $0[0].state = 4 }), ("chain", { $0[5].chain[0] ^= 1 }),
        ("transaction", { $0[0].transaction = $0[0].revision }), ("left out", { $0.remove(at: 1) }),
        ("twice", { $0.insert($0[0], at: 0) }), ("half a request", { $0 = Array($0[...0]) }),
        ("no version", { $0[last].version = nil }), ("no digest", { $0[last].bodyDigest = nil }),
        ("no salt", { $0[last].version?.content?.salt = [] }),
        ("index entries", { $0[last].version?.content?.entries = [0xFF] }),
        (
          "index entries twice",
          { entries in
            let sent = entries[last].version?.content?.entries ?? []
            entries[last].version?.content?.entries = sent + sent
          }
        ),
        ("version before", { $0[last].version?.previous = .zero }),
      ]
      for (what, change) in changes {
        var entries = page.entries
        change(&entries)
        let error = await #expect(throws: StoreError.self, "\(what)") {
          try await follower.take(entries, from: page.source)
        }
        guard case .differs? = error else {
          Issue.record("\(what): \(String(describing: error))")
          continue
        }
        try await #expect(follower.position() == before, "\(what)")
      }
      try await follower.take(page.entries, from: page.source)
      try await #expect(follower.position() == leader.position())
    }
  }

  @Test func `a copy refuses writes, and is opened as nothing else`() async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await fill(leader)
        try await pair.copy(leader)
        let refusal = StoreError.follower(leader: Pair.address)
        try await withStore(pair.followerConfiguration) { follower in
          let head = try await follower.head()
          await #expect(throws: refusal) {
            _ = try await follower.commit(WriteRequest(actor: "clients/a", mutations: [put("new", "text")]))
          }
          await #expect(throws: refusal) { _ = try await follower.compact(to: head, after: .zero) }
          try await #expect(follower.head() == head)
        }
        #expect(throws: refusal) { _ = try SQLiteStore(configuration(.directory(pair.follower))) }
        await #expect(throws: StoreError.notFollower) {
          try await leader.take([], from: LogSource(head: .zero, compacted: .zero, form: []))
        }
        await #expect(throws: StoreError.notFollower) { _ = try await leader.takeCompaction(to: .zero, after: .zero) }
        await #expect(throws: StoreError.notFollower) { _ = try await leader.promote() }
        // It was refused, and goes on.
        _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("new", "text")]))
      }
      var asCopy = configuration(.directory(pair.leader))
      asCopy.leader = Pair.address
      #expect(throws: StoreError.notFollower) { _ = try SQLiteStore(asCopy) }
      #expect(try SQLiteStore.leader(ofDirectory: pair.leader) == nil)
      #expect(try SQLiteStore.leader(ofDirectory: pair.follower) == Pair.address)
    }
  }

  @Test(arguments: [true, false])
  func `a promoted copy takes writes in a new epoch and knows the requests of before`(isOpen: Bool) async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      let id = Idempotency(client: "clients/a", method: "m", requestID: "once", requestHash: [1])
      let request = WriteRequest(actor: "clients/a", idempotency: id, mutations: [put("once", "text")])
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await fill(leader)
        try await pair.copy(leader)
        let receipt = try await leader.commit(request)
        let promotion = try await withStore(pair.followerConfiguration) { follower -> Promotion? in
          try await pull(into: follower, from: leader, LogLimit(), pages: .max)
          guard isOpen else { return nil }
          let promotion = try await follower.promote()
          // Until it is opened again it answers reads alone.
          await #expect(throws: StoreError.self) { _ = try await follower.commit(request) }
          await #expect(throws: StoreError.self) {
            try await follower.take([], from: LogSource(head: .zero, compacted: .zero, form: []))
          }
          try await #expect(follower.head() == promotion.revision)
          return promotion
        }
        let done = try promotion ?? SQLiteStore.promote(directory: pair.follower, now: later)
        #expect(done.copied == receipt.revision)
        #expect(done.revision == Revision(receipt.revision.number + SQLiteStore.restoreGap))
        #expect(done.identity == StoreIdentity(id: leader.identity.id, epoch: leader.identity.epoch + 1))
        try await withStore(configuration(.directory(pair.follower))) { store in
          #expect(store.identity == done.identity && store.leader == nil)
          let again = try await store.commit(request)
          #expect(again.isReplay && again.revision == receipt.revision)
          let next = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("new", "text")]))
          #expect(next.revision.number == done.revision.number + 1)
          try await #expect(store.verify(.full, watch: .nobody).findings == [])
          // Neither is a beginning of the other any more.
          try await #expect(!leader.holds(store.position()))
          try await #expect(!store.holds(leader.position()))
        }
      }
      #expect(throws: StoreError.notFollower) { _ = try SQLiteStore.promote(directory: pair.follower, now: later) }
    }
  }

  @Test func `a copy that finds records by other entries than its leader makes its own`() async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      let declared = { @Sendable (form: UInt8) in
        Indexing(form: [form]) { _, body in
          [IndexEntry(IndexField(1), .unset), IndexEntry(IndexField(UInt32(form)), .integer(Int64(body.count)))]
        }
      }
      func writing(_ name: String, _ form: UInt8, _ text: String) -> WriteRequest {
        let body = Array(text.utf8)
        let content = Content(
          body: body, marking: Marking(label: 1), entries: declared(form).entries(Key(stored: name), body) ?? [])
        return WriteRequest(actor: "clients/a", mutations: [.put(Key(stored: name), content)])
      }
      var leads = configuration(.directory(pair.leader))
      leads.indexing = declared(7)
      var follows = pair.followerConfiguration
      follows.indexing = declared(8)
      try await withStore(leads) { leader in
        _ = try await leader.commit(writing("a", 7, "before the copy"))
        try await pair.copy(leader)
        try await withStore(follows) { follower in
          for text in ["one", "two two"] {
            _ = try await leader.commit(writing("a", 7, text))
            _ = try await leader.commit(writing("b", 7, text))
          }
          try await pull(into: follower, from: leader, LogLimit(), pages: .max)
          func names(_ store: SQLiteStore, _ form: UInt8, _ count: Int64) async throws -> [String] {
            let query = Query(conditions: [.init(IndexField(UInt32(form)), .equals(.integer(count)))])
            let page = try await store.list(
              query, as: .everything, after: nil, limit: PageLimit(records: 9), at: nil)
            return page.records.map(\.key.name)
          }
          try await #expect(names(leader, 7, 7) == ["a", "b"])
          try await #expect(names(follower, 8, 7) == ["a", "b"])
          try await #expect(names(follower, 7, 7) == [])
          try await #expect(follower.verify(.full, watch: .nobody).findings == [])
          try await #expect(follower.position() == leader.position())
        }
      }
    }
  }

  @Test func `a log tells when a version that it needs is gone, and only then`() async throws {
    try await withStore(configuration(.memory)) { leader in
      for text in ["1", "2", "3"] {
        _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("a", text)]))
      }
      _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("b", "1")]))
      try await compact(leader, to: Revision(4))
      let error = StoreError.revisionCompacted(oldest: Revision(4))
      for place in [UInt64(0), 1] {
        await #expect(throws: error) { _ = try await leader.log(after: Revision(place), limit: LogLimit()) }
      }
      try await #expect(leader.log(after: Revision(2), limit: LogLimit()).entries.count == 2)
      await #expect(throws: StoreError.revisionInFuture(head: Revision(4))) {
        _ = try await leader.log(after: Revision(5), limit: LogLimit())
      }
    }
  }

  @Test func `a page of a log ends at its limits`() async throws {
    try await withStore(configuration(.memory)) { leader in
      for _ in 0..<6 {
        let text = String(repeating: "x", count: 1000)
        _ = try await leader.commit(WriteRequest(actor: "clients/a", mutations: [put("a", text)]))
      }
      try await #expect(leader.log(after: .zero, limit: LogLimit(entries: 5)).entries.count == 5)
      try await #expect(leader.log(after: .zero, limit: LogLimit(entries: 6)).entries.count == 6)
      let size = try await leader.log(after: .zero, limit: LogLimit(entries: 1)).entries[0].byteCount
      try await #expect(leader.log(after: .zero, limit: LogLimit(bytes: size)).entries.count == 1)
      try await #expect(leader.log(after: .zero, limit: LogLimit(bytes: size + 1)).entries.count == 2)
    }
  }

  @Test func `a copy that is not what its manifest says changes nothing`() async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await fill(leader)
        try await pair.copy(leader)
        let before = try SQLiteStore.verify(directory: pair.follower, .quick, now: later, watch: .nobody).revision
        try await fill(leader, below: "more/")
        let copy = try await leader.copy(watch: .nobody)
        let bytes = try copy.bytes(at: 0, count: Int(copy.manifest.byteCount))
        var wrong = bytes
        wrong[bytes.count / 2] ^= 1
        for bytes in [wrong, bytes.dropLast(1), bytes + [0]] {
          let error = #expect(throws: StoreError.self) { try pair.install(Array(bytes), copy.manifest) }
          guard case .corrupt? = error else {
            Issue.record("\(String(describing: error))")
            return
          }
        }
        #expect(
          try SQLiteStore.verify(directory: pair.follower, .full, now: later, watch: .nobody).revision == before)
        try pair.install(bytes, copy.manifest)
        // An epoch that came after is not given up for one before it.
        _ = try SQLiteStore.promote(directory: pair.follower, now: later)
        let error = #expect(throws: StoreError.self) { try pair.install(bytes, copy.manifest) }
        guard case .differs? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
  }

  @Test func `a backup of a copy is restored as a store of its own`() async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await fill(leader)
        try await pair.copy(leader)
      }
      try await withStore(pair.followerConfiguration) { follower in
        _ = try await follower.backUp(to: "\(directory)/backup", watch: .nobody)
      }
      _ = try SQLiteStore.restore(
        backup: "\(directory)/backup", to: "\(directory)/own", isReplacing: false, now: later, watch: .nobody)
      try await withStore(configuration(.directory("\(directory)/own"))) { store in
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("new", "text")]))
      }
    }
  }

  // MARK: What the tests do

  private func withPair(_ body: (SQLiteStore, SQLiteStore) async throws -> Void) async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        try await pair.copy(leader)
        try await withStore(pair.followerConfiguration) { follower in try await body(leader, follower) }
      }
    }
  }

  /// Writes requests of one change or several, some of which are refused.
  private func write(to store: SQLiteStore, requests: Int, _ numbers: inout SeededNumbers) async throws {
    for _ in 0..<requests {
      let count = Int.random(in: 1...4, using: &numbers)
      let mutations = (0..<count).map { _ in StoreModel.anyMutation(&numbers) }
      let id = numbers.next()
      let request = WriteRequest(
        actor: "clients/\(id % 3)", reason: id % 4 == 0 ? "reason \(id)" : "",
        idempotency: id % 2 == 0
          ? Idempotency(client: "clients/a", method: "m", requestID: "\(id)", requestHash: [UInt8(id % 7)]) : nil,
        mutations: mutations)
      // What changes nothing that is there is refused.
      _ = await store.commit([request])
    }
  }

  /// Takes pages of a leader's log, in whole requests, and then what it has compacted.
  private func pull(
    into follower: SQLiteStore, from leader: SQLiteStore, _ limit: LogLimit, pages: Int
  ) async throws {
    var place = try await follower.head()
    var pending: [LogEntry] = []
    var count = 0
    var compacted = Revision.zero
    while count < pages || !pending.isEmpty {
      count += 1
      let page = try await leader.log(after: place, limit: limit)
      compacted = page.source.compacted
      guard let last = page.entries.last else { break }
      place = last.revision
      pending += page.entries
      guard let end = pending.lastIndex(where: \.endsRequest) else { continue }
      try await follower.take(Array(pending[...end]), from: page.source)
      pending.removeFirst(end + 1)
    }
    guard compacted > .zero, compacted <= (try await follower.head()) else { return }
    var step = Revision.zero
    repeat { step = try await follower.takeCompaction(to: compacted, after: step).through } while step < compacted
  }

  private func compact(_ store: SQLiteStore, to revision: Revision) async throws {
    var place = Revision.zero
    repeat { place = try await store.compact(to: revision, after: place).through } while place < revision
  }

  private func compareReads(_ leader: SQLiteStore, _ follower: SQLiteStore) async throws {
    let (oldest, head) = (try await leader.oldestRevision(), try await leader.head())
    for revision in [oldest, Revision((oldest.number + head.number) / 2), head] {
      for query in StoreModel.queries {
        let limit = PageLimit(records: 1000)
        let expected = try await leader.list(query, as: .everything, after: nil, limit: limit, at: revision)
        let found = try await follower.list(query, as: .everything, after: nil, limit: limit, at: revision)
        #expect(found.records.map(\.key) == expected.records.map(\.key))
        #expect(found.records.map(\.body) == expected.records.map(\.body))
      }
    }
  }
}

/// The directories of a leader and of its copy.
struct Pair {
  static let address = "leader.example:7443"

  let leader: String
  let follower: String

  init(in directory: String) {
    leader = "\(directory)/leader"
    follower = "\(directory)/follower"
  }

  var followerConfiguration: SQLiteStore.Configuration {
    var configuration = configuration(.directory(follower))
    configuration.leader = Self.address
    return configuration
  }

  /// Makes the copy as a leader sends it.
  func copy(_ store: SQLiteStore) async throws {
    let copy = try await store.copy(watch: .nobody)
    try install(try copy.bytes(at: 0, count: Int(copy.manifest.byteCount)), copy.manifest)
  }

  func install(_ bytes: [UInt8], _ manifest: BackupManifest) throws {
    let receiver = try StoreReceiver(directory: follower, leader: Self.address, manifest: manifest)
    defer { receiver.discard() }
    for start in stride(from: 0, to: bytes.count, by: 10_000) {
      try receiver.append(Array(bytes[start..<min(bytes.count, start + 10_000)]))
    }
    try receiver.install(now: later, watch: .nobody)
  }

  /// Every row of every table, names in place of the numbers that each store gives them itself. What was erased can be
  /// confined in one store and not in another one, which came to it when it was erased already.
  private static let tables = [
    "meta": "SELECT hex(store_id), epoch, rev, compacted, hex(chain) FROM meta",
    "ver": """
    SELECT v.rev, v.txn, v.ts, v.k, v.prev, v.op, m.label, m.originator, hex(m.detail),
      iif(v.body IS NULL, NULL, m.keeper), a.name, v.born, v.made, c.name, v.gone, quote(v.entries), quote(v.salt), quote(v.body)
    FROM ver v JOIN acl m ON m.id = v.acl JOIN actor a ON a.id = v.actor JOIN actor c ON c.id = v.maker
    ORDER BY v.rev
    """,
    "audit": """
    SELECT u.rev, u.txn, u.ts, a.name, u.op, u.k, quote(u.idem), quote(u.req_hash), quote(u.body_sha), hex(u.hash),
      quote(u.reason) FROM audit u JOIN actor a ON a.id = u.actor ORDER BY u.rev
    """,
    "head": """
    SELECT h.k, h.rev, h.op, m.label, m.originator, hex(m.detail), iif(h.op = 3, NULL, m.keeper)
    FROM head h JOIN acl m ON m.id = h.acl ORDER BY h.k
    """,
    "idx": """
    SELECT i.f, m.label, m.originator, hex(m.detail), m.keeper, i.op, hex(i.v), i.k, i.born
    FROM idx i JOIN acl m ON m.id = i.acl ORDER BY i.k, i.f, i.v
    """,
    "idx_past": """
    SELECT i.f, m.label, m.originator, hex(m.detail), m.keeper, i.op, hex(i.v), i.k, i.born, i.died
    FROM idx_past i JOIN acl m ON m.id = i.acl ORDER BY i.k, i.f, i.v, i.born, i.op, m.label, m.keeper
    """,
  ]

  func compareTables() throws {
    for (table, query) in Self.tables {
      let expected = try DatabaseFile(in: leader).rows(query)
      let found = try DatabaseFile(in: follower).rows(query)
      #expect(!expected.isEmpty || table == "idx_past", "\(table)")
      #expect(found.count == expected.count, "\(table)")
      for (one, other) in zip(found, expected) where one != other {
        Issue.record("\(table): \(one) is not \(other)")
        break
      }
    }
  }
}
