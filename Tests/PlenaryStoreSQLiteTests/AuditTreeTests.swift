import Glibc
import PlenaryStore
import PlenaryStoreSQLite
import Testing
import Transparency

/// The tree over the audit of a store.
@Suite struct AuditTreeTests {
  /// Writes so many records, one or several a request.
  private func write(_ count: Int, to store: SQLiteStore, from first: Int = 0) async throws {
    var number = first
    while number < first + count {
      let batch = min(1 + number % 3, first + count - number)
      let receipt = try await store.commit(
        WriteRequest(
          actor: "clients/\(number % 2)",
          mutations: (number..<(number + batch)).map { number in
            .put(
              Key(stored: "k\(number % 90)"),
              Content(body: [UInt8(number % 250)], marking: Marking(label: 1), entries: []))
          }))
      number = Int(receipt.revision.number)
    }
  }

  /// The tree over the rows as a follower is sent them, which knows nothing of the one that is kept.
  private func leaves(_ store: SQLiteStore) async throws -> [[UInt8]] {
    var leaves: [[UInt8]] = []
    var place = Revision.zero
    while true {
      let page = try await store.log(after: place, limit: LogLimit(entries: 1000, bytes: 1 << 20))
      guard let last = page.entries.last else { return leaves }
      for entry in page.entries {
        let link = AuditLink(
          revision: entry.revision.number, transaction: entry.transaction.number, time: entry.time.microseconds,
          actor: entry.actor, state: entry.state, key: entry.key, requestID: entry.requestID,
          requestHash: entry.requestHash, bodyDigest: entry.bodyDigest, reason: entry.reason)
        leaves.append(MerkleTree.leaf(link.canonicalBytes))
      }
      place = last.revision
    }
  }

  private func root(_ leaves: some Sequence<[UInt8]>) -> [UInt8] {
    var tree = MerkleFrontier()
    for leaf in leaves { tree.append(leaf: leaf) }
    return tree.root
  }

  @Test func `the tree is over the rows, whatever its size, and is there again after a restart`() async throws {
    try await withScratchDirectory { directory in
      var heads: [TreeHead] = []
      for count in [0, 1, 255, 1, 300, 211] {
        try await withStore(configuration(.directory(directory))) { store in
          let before = try await store.treeHead(at: nil)
          #expect(before == heads.last ?? TreeHead(size: 0, root: MerkleTree.emptyRoot, revision: .zero))
          try await write(count, to: store, from: Int(heads.last?.size ?? 0))
          let head = try await store.treeHead(at: nil)
          let leaves = try await leaves(store)
          #expect(head.size == UInt64(leaves.count))
          #expect(head.revision == Revision(head.size))
          #expect(head.root == root(leaves))
          heads.append(head)
          for earlier in heads {
            let proof = try #require(try await store.consistency(from: earlier.size, to: head.size))
            #expect(
              MerkleTree.holds(consistency: proof, from: earlier.size, earlier.root, to: head.size, head.root))
          }
          #expect(try await store.consistency(from: 0, to: head.size + 1) == nil)
          #expect(try await store.consistency(from: head.size + 1, to: head.size) == nil)
          #expect(try await store.verify(.full, watch: .nobody).isSound)
        }
      }
      #expect(heads.last?.size == 768)
    }
  }

  @Test func `every row is proven, in the tree of now and in earlier ones`() async throws {
    try await withStore(configuration(.memory)) { store in
      try await write(600, to: store)
      let leaves = try await leaves(store)
      for size in [UInt64(1), 255, 256, 257, 513, 600] {
        for index in [0, 1, 200, 255, 256, 299, 511, 512, 598, 599] where UInt64(index) < size {
          let proof = try #require(try await store.inclusion(of: Revision(UInt64(index) + 1), size: size))
          #expect(proof.index == UInt64(index) && proof.head.size == size)
          #expect(proof.head.root == root(leaves.prefix(Int(size))))
          #expect(proof.head.revision == Revision(size))
          #expect(MerkleTree.leaf(proof.entry) == leaves[index])
          #expect(
            MerkleTree.holds(
              inclusion: proof.hashes, of: leaves[index], at: proof.index, size: size, root: proof.head.root))
          let link = try #require(AuditLink(canonicalBytes: proof.entry))
          let content = try #require(proof.content)
          #expect(AuditLink.bodyDigest(salt: content.salt, body: content.body) == link.bodyDigest)
          #expect(content.body == [UInt8(index % 250)])
        }
        #expect(try await store.inclusion(of: Revision(size + 1), size: size) == nil)
      }
      #expect(try await store.inclusion(of: Revision(1), size: 601) == nil)
      #expect(try await store.inclusion(of: Revision(601), size: nil) == nil)
      // What is purged stays in the tree without its content.
      _ = try await store.commit(WriteRequest(actor: "a", mutations: [.purge(Key(stored: "k3"))]))
      let proof = try #require(try await store.inclusion(of: Revision(4), size: 600))
      #expect(proof.content == nil && MerkleTree.leaf(proof.entry) == leaves[3])
    }
  }

  @Test func `the tree of a time has what was committed until then`() async throws {
    try await withStore(configuration(.memory)) { store in
      try await write(600, to: store)
      let leaves = try await leaves(store)
      let rows = try await store.auditRows(
        AuditQuestion(viewer: .everything, through: Revision(600), limit: 1000, lookedAtMax: 1000)
      ).rows.sorted { $0.revision < $1.revision }
      for index in [0, 1, 254, 255, 256, 257, 511, 598] {
        let head = try await store.treeHead(at: rows[index].time)
        let size = UInt64(rows.filter { $0.time <= rows[index].time }.count)
        #expect(head.size == size && head.root == root(leaves.prefix(Int(size))) && head.revision == Revision(size))
      }
      #expect(try await store.treeHead(at: CommitTime(microseconds: rows[0].time.microseconds - 1)).size == 0)
      #expect(try await store.treeHead(at: CommitTime(microseconds: .max)) == store.treeHead(at: nil))
    }
  }

  @Test func `a store without a tree gets it when it is opened`() async throws {
    try await withScratchDirectory { directory in
      let head = try await withStore(configuration(.directory(directory))) { store in
        try await write(700, to: store)
        return try await store.treeHead(at: nil)
      }
      let file = DatabaseFile(in: directory)
      let kept = try file.dump("tree")
      // Also a part of it, as an older program leaves that has written rows of its own.
      for blocks in [0, 1] {
        try file.execute("DELETE FROM tree WHERE level > 8 OR number >= \(blocks)")
        #expect(try SQLiteStore.verify(directory: directory, .quick, now: later, watch: .nobody).isSound)
        try await withStore(configuration(.directory(directory))) { store in
          let made = try await store.treeHead(at: nil)
          #expect(made == head)
        }
        let made = try file.dump("tree")
        #expect(made == kept)
      }
    }
  }

  @Test func `a tree that is not that of the rows is found`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await write(600, to: $0) }
      let file = DatabaseFile(in: directory)
      try file.execute("UPDATE tree SET hash = zeroblob(32) WHERE level = 8 AND number = 1")
      let changed = try SQLiteStore.verify(directory: directory, .quick, now: later, watch: .nobody)
      #expect(changed.firstBadRevision == Revision(512), "\(changed.findings)")
      try file.execute("DELETE FROM tree WHERE level = 8 AND number = 0")
      let lacking = try SQLiteStore.verify(directory: directory, .quick, now: later, watch: .nobody)
      #expect(!lacking.isSound)
      #expect(throws: StoreError.self) { _ = try SQLiteStore(configuration(.directory(directory))) }
    }
  }

  @Test func `a batch that fails leaves nothing in the tree`() async throws {
    try await withStore(configuration(.memory)) { store in
      try await write(255, to: store)
      let before = try await store.treeHead(at: nil)
      let refused = await store.commit([
        WriteRequest(
          actor: "a",
          mutations: [
            .put(Key(stored: "new"), Content(body: [1], marking: Marking(label: 1), entries: [])),
            .purge(Key(stored: "nothing")),
          ])
      ])
      #expect(throws: StoreError.self) { _ = try refused[0].get() }
      #expect(try await store.treeHead(at: nil) == before)
      try await write(2, to: store, from: 255)
      #expect(try await store.treeHead(at: nil).root == root(try await leaves(store)))
    }
  }

  @Test func `a restored store continues the tree`() async throws {
    try await withScratchDirectory { directory in
      let head = try await withStore(configuration(.directory("\(directory)/a"))) { store in
        try await write(300, to: store)
        _ = try await store.backUp(to: "\(directory)/backup", watch: .nobody)
        return try await store.treeHead(at: nil)
      }
      _ = try SQLiteStore.restore(
        backup: "\(directory)/backup", to: "\(directory)/b", isReplacing: false, now: later, watch: .nobody)
      try await withStore(configuration(.directory("\(directory)/b"))) { store in
        let restored = try await store.treeHead(at: nil)
        #expect(restored.size == 301)
        let proof = try #require(try await store.consistency(from: 300, to: 301))
        #expect(MerkleTree.holds(consistency: proof, from: 300, head.root, to: 301, restored.root))
        // Its revision is far from the one before it.
        let revision = try await store.head()
        #expect(revision.number > 1000)
        #expect(try await store.inclusion(of: revision, size: nil)?.index == 300)
        #expect(try await store.inclusion(of: Revision(500), size: nil) == nil)
      }
    }
  }

  @Test func `a secret is made once, and refused when others can read it`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let made = try store.secret(named: "s") { [1, 2] }
        let found = try store.secret(named: "s") { [3] }
        #expect(made == [1, 2] && found == made)
        unsafe chmod("\(directory)/s", 0o640)
        #expect(throws: StoreError.self) { _ = try store.secret(named: "s") { [3] } }
      }
    }
  }
}
