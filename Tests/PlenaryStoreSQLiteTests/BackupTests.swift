import Foundation
import Glibc
import PlenaryStore
import PlenaryStoreSQLite
import Synchronization
import Testing

@Suite struct BackupTests {
  @Test func `a backup is a verified copy with a manifest`() async throws {
    try await withScratchDirectory { directory in
      let path = "\(directory)/backup"
      let stages = Mutex(Set<UpkeepProgress.Stage>())
      let (made, identity, head) = try await withStore(configuration(.directory("\(directory)/data"))) { store in
        try await fill(store)
        let watch = UpkeepWatch(
          isGivenUp: { false }, report: { progress in stages.withLock { _ = $0.insert(progress.stage) } })
        let made = try await store.backUp(to: path, watch: watch)
        #expect(store.health().lastBackup == made)
        return (made, store.identity, try await store.head())
      }
      #expect(made.identity == identity)
      #expect(made.revision == head)
      #expect(stages.withLock { $0 } == [.copying, .pages, .chain, .hashing])
      #expect(try SQLiteStore.manifest(ofBackup: path) == made)
      let found = try SQLiteStore.verify(backup: path, .full, now: later, watch: .nobody)
      #expect(found.manifest == made && found.report.isSound)
      #expect(names(in: path) == ["manifest.json", "plenary.db"])
      // The age of the last backup is known after a restart.
      try await withStore(configuration(.directory("\(directory)/data"))) { store in
        #expect(store.health().lastBackup == made)
      }
    }
  }

  @Test func `a backup is of one moment while others write, and keeps nobody from it`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory("\(directory)/data"))) { store in
        try await fill(store, rounds: 20)
        async let writing: Void = fill(store, rounds: 40, below: "more/")
        var heads: [Revision] = []
        for number in 0..<5 {
          heads.append(try await store.backUp(to: "\(directory)/backup-\(number)", watch: .nobody).revision)
        }
        try await writing
        #expect(heads == heads.sorted())
        for number in 0..<5 {
          let found = try SQLiteStore.verify(
            backup: "\(directory)/backup-\(number)", .full, now: later, watch: .nobody)
          #expect(found.report.isSound, "\(found.report.findings)")
        }
      }
    }
  }

  @Test func `what somebody keeps where a backup is made is left alone`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory("\(directory)/data"))) { store in
        try await fill(store)
        let part = "\(directory)/backup.part"
        #expect(unsafe mkdir(part, 0o700) == 0)
        #expect(unsafe close(creat("\(part)/plenary.db", 0o600)) == 0)
        #expect(unsafe close(creat("\(part)/mine", 0o600)) == 0)
        await #expect(throws: StoreError.occupied(path: part)) {
          try await store.backUp(to: "\(directory)/backup", watch: .nobody)
        }
        #expect(unsafe access("\(part)/mine", F_OK) == 0)
        #expect(unsafe unlink("\(part)/mine") == 0)
        _ = try await store.backUp(to: "\(directory)/backup", watch: .nobody)
        #expect(unsafe access(part, F_OK) != 0)
      }
    }
  }

  @Test func `a place that is taken is refused, and a backup that is given up leaves nothing behind`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory("\(directory)/data"))) { store in
        try await fill(store)
        _ = try await store.backUp(to: "\(directory)/backup", watch: .nobody)
        await #expect(throws: StoreError.occupied(path: "\(directory)/backup")) {
          _ = try await store.backUp(to: "\(directory)/backup", watch: .nobody)
        }
        await #expect(throws: StoreError.self) {
          _ = try await store.backUp(
            to: "\(directory)/other", watch: UpkeepWatch(isGivenUp: { true }, report: { _ in }))
        }
      }
      #expect(names(in: directory) == ["backup", "data"])
    }
  }

  @Test func `a store is restored whole, in a new epoch`() async throws {
    try await withScratchDirectory { directory in
      let (data, backup) = ("\(directory)/data", "\(directory)/backup")
      var before: [String?] = []
      let (made, lost) = try await withStore(configuration(.directory(data))) { store in
        try await fill(store)
        let made = try await store.backUp(to: backup, watch: .nobody)
        before = try await texts(of: store)
        // What comes after the backup is lost with the disk.
        let lost = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("lost", "lost")]))
        return (made, lost.revision)
      }
      let restored = try SQLiteStore.restore(
        backup: backup, to: "\(directory)/again", isReplacing: false, now: later, watch: .nobody)
      #expect(restored.manifest == made)
      #expect(restored.identity == StoreIdentity(id: made.identity.id, epoch: made.identity.epoch + 1))
      #expect(restored.revision.number == made.revision.number + SQLiteStore.restoreGap)
      #expect(restored.revision > lost)
      try await withStore(configuration(.directory("\(directory)/again"))) { store in
        #expect(store.identity == restored.identity)
        #expect(try await store.head() == restored.revision)
        #expect(try await texts(of: store) == before)
        // The history is there at every revision, and between the backup and the restore nothing happened.
        let old = try await store.get([Key(stored: "a/0")], as: .everything, at: Revision(3))
        #expect(old.records[0].map { String(decoding: $0.body, as: UTF8.self) } == "second")
        let between = try await store.get([Key(stored: "lost")], as: .everything, at: lost)
        #expect(between.records[0] == nil)
        // Whoever follows the changes reaches the head.
        #expect(try await store.changes(after: made.revision, as: .everything, limit: 10).through == restored.revision)
        // What was done before is still remembered by its request id, and new revisions follow the restore's.
        let receipt = try await store.commit(WriteRequest(actor: "clients/b", mutations: [put("new", "new")]))
        #expect(receipt.revision.number == restored.revision.number + 1)
        #expect(receipt.commitTime > later)
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound, "\(report.findings)")
      }
      // And again, from a backup of the restored store, in place of the store that is there.
      let second = "\(directory)/backup-2"
      _ = try SQLiteStore.backUp(directory: "\(directory)/again", to: second, now: later, watch: .nobody)
      #expect(throws: StoreError.occupied(path: "\(data)/plenary.db")) {
        _ = try SQLiteStore.restore(backup: second, to: data, isReplacing: false, now: later, watch: .nobody)
      }
      let twice = try SQLiteStore.restore(backup: second, to: data, isReplacing: true, now: later, watch: .nobody)
      #expect(twice.identity.epoch == made.identity.epoch + 2)
      #expect(try SQLiteStore.verify(directory: data, .full, now: later, watch: .nobody).isSound)
      // An older backup in place of a newer store takes an epoch that was never there.
      let back = try SQLiteStore.restore(backup: backup, to: data, isReplacing: true, now: later, watch: .nobody)
      #expect(back.identity.epoch == made.identity.epoch + 3)
    }
  }

  @Test func `a store that is open is not replaced`() async throws {
    try await withScratchDirectory { directory in
      let (data, backup) = ("\(directory)/data", "\(directory)/backup")
      try await withStore(configuration(.directory(data))) { store in
        try await fill(store)
        _ = try await store.backUp(to: backup, watch: .nobody)
        #expect(throws: StoreError.locked(processID: getpid())) {
          _ = try SQLiteStore.restore(backup: backup, to: data, isReplacing: true, now: later, watch: .nobody)
        }
      }
    }
  }

  /// Something that can happen to a backup.
  enum Damage: CaseIterable, Sendable {
    case otherByte, cutShort, noManifest, noDatabase, noJSON, newerForm, otherEpoch, otherRevision, otherChain, noDigest

    func happen(to backup: String) throws {
      let (database, manifest) = ("\(backup)/plenary.db", "\(backup)/manifest.json")
      func edit(_ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacing(old, with: new).write(toFile: manifest, atomically: false, encoding: .utf8)
      }
      switch self {
      case .otherByte:
        let file = try FileHandle(forUpdating: URL(filePath: database))
        try file.seek(toOffset: 20_000)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: 20_000)
        try file.write(contentsOf: Data([byte ^ 1]))
        try file.close()
      case .cutShort:
        let file = try FileHandle(forUpdating: URL(filePath: database))
        try file.truncate(atOffset: try file.seekToEnd() - 4096)
        try file.close()
      case .noManifest: try FileManager.default.removeItem(atPath: manifest)
      case .noDatabase: try FileManager.default.removeItem(atPath: database)
      case .noJSON: try "{".write(toFile: manifest, atomically: false, encoding: .utf8)
      case .newerForm: try edit("\"format\": 1", "\"format\": 2")
      case .otherEpoch: try edit("\"epoch\": 1", "\"epoch\": 2")
      case .otherRevision: try edit("\"revision\": 3", "\"revision\": 4")
      case .otherChain: try edit("\"chain\": \"", "\"chain\": \"00")
      case .noDigest: try edit("\"sha256\": \"", "\"sha256\": \"zz")
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func `a backup that is not what it was is refused, and the store stays`(_ damage: Damage) async throws {
    try await withScratchDirectory { directory in
      let (data, backup) = ("\(directory)/data", "\(directory)/backup")
      try await withStore(configuration(.directory(data))) { store in
        for name in ["a", "b", "c"] {
          _ = try await store.commit(
            WriteRequest(actor: "clients/a", mutations: [put(name, String(repeating: name, count: 9000))]))
        }
        _ = try await store.backUp(to: backup, watch: .nobody)
      }
      try damage.happen(to: backup)
      for target in [data, "\(directory)/other"] {
        #expect(throws: StoreError.self) {
          _ = try SQLiteStore.restore(backup: backup, to: target, isReplacing: true, now: later, watch: .nobody)
        }
      }
      #expect(names(in: "\(directory)/other").filter { $0.hasPrefix("plenary.db") } == [])
      #expect(try SQLiteStore.verify(directory: data, .full, now: later, watch: .nobody).revision == Revision(3))
    }
  }

  @Test func `a backup that contradicts itself is refused although its digest agrees`() async throws {
    try await withScratchDirectory { directory in
      let (data, backup) = ("\(directory)/data", "\(directory)/backup")
      try await withStore(configuration(.directory(data))) { try await fill($0) }
      try DatabaseFile(in: data).execute("UPDATE ver SET body = x'00' WHERE rev = 11")
      // The pages and the chain are well, which is what a backup looks at.
      _ = try SQLiteStore.backUp(directory: data, to: backup, now: later, watch: .nobody)
      let error = #expect(throws: StoreError.self) {
        _ = try SQLiteStore.restore(
          backup: backup, to: "\(directory)/other", isReplacing: false, now: later, watch: .nobody)
      }
      guard case .corrupt(let reason)? = error, reason.contains("revision 11") else {
        Issue.record("\(String(describing: error))")
        return
      }
      try DatabaseFile(in: data).execute("UPDATE audit SET ts = ts + 1 WHERE rev = 12")
      #expect(throws: StoreError.self) {
        _ = try SQLiteStore.backUp(directory: data, to: "\(directory)/no", now: later, watch: .nobody)
      }
      #expect(!names(in: directory).contains { $0.hasPrefix("no") })
    }
  }

  private func texts(of store: any Store) async throws -> [String?] {
    let keys = (0..<3).flatMap { [Key(stored: "a/\($0)"), Key(stored: "b/\($0)")] }
    return try await store.get(keys, as: .everything, at: nil).records.map { record in
      record.map { "\($0.state) \($0.revision) \(String(decoding: $0.body, as: UTF8.self))" }
    }
  }

  private func names(in directory: String) -> [String] {
    guard let stream = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
