import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Testing
import Transparency

/// Backups that whoever makes them cannot read.
@Suite(.timeLimit(.minutes(10))) struct SealedBackupTests {
  private static let text = "Unverschlüsselt-steht-das-nirgends"

  private let key: UnsealingKey
  private let other: UnsealingKey

  init() throws {
    key = try UnsealingKey(seed: Array(repeating: 7, count: 32))
    other = try UnsealingKey(seed: Array(repeating: 8, count: 32))
  }

  /// Runs a test with a sealed backup of a store that takes several parts.
  private func run(_ body: (_ directory: String, _ backup: String) async throws -> Void) async throws {
    try await withScratchDirectory { directory in
      let backup = directory + "/backup"
      try await withStore(configuration(.directory(directory + "/data"))) { store in
        try await fill(store)
        for number in 0..<400 {
          let change = put("a/\(number)", "\(Self.text) \(number) " + String(repeating: "x", count: 900))
          _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [change]))
        }
        let manifest = try await store.backUp(to: backup, sealedTo: key.sealing.bytes, watch: .nobody)
        #expect(manifest.seal?.keyID == key.sealing.id && manifest.byteCount > 3 * 65_536)
      }
      try await body(directory, backup)
    }
  }

  private func restore(
    _ backup: String, to target: String, with key: UnsealingKey?
  ) throws(StoreError) -> Revision {
    try SQLiteStore.restore(
      backup: backup, to: target, isReplacing: true, with: key, now: later, watch: .nobody
    ).manifest.revision
  }

  @Test func `a sealed backup has nothing in the clear, and becomes the store again with the secret key`() async throws
  {
    try await run { directory, backup in
      let names = try FileManager.default.contentsOfDirectory(atPath: backup).sorted()
      #expect(names == ["manifest.json", "plenary.db.sealed"])
      let sealed = try Data(contentsOf: URL(filePath: backup + "/plenary.db.sealed"))
      #expect(sealed.range(of: Data(Self.text.utf8)) == nil && sealed.range(of: Data("SQLite format".utf8)) == nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/data").contains("sealing") == false)
      let manifest = try SQLiteStore.manifest(ofBackup: backup)
      #expect(try SQLiteStore.verify(sealed: backup, with: nil, watch: .nobody) == manifest)
      #expect(try SQLiteStore.verify(sealed: backup, with: key, watch: .nobody) == manifest)
      #expect(try restore(backup, to: directory + "/other", with: key) == manifest.revision)
      try await withStore(configuration(.directory(directory + "/other"))) { store in
        let found = try await store.get(Key(stored: "a/399"), as: .everything).record
        #expect(found.map { String(decoding: $0.body, as: UTF8.self).hasPrefix(Self.text) } == true)
        #expect(try await store.verify(.full, watch: .nobody).findings == [])
      }
    }
  }

  @Test func `without the secret key, or with another one, nothing opens and nothing is changed`() async throws {
    try await run { directory, backup in
      for key in [nil, other] {
        #expect(throws: StoreError.self) { _ = try restore(backup, to: directory + "/other", with: key) }
      }
      #expect(throws: StoreError.self) { _ = try SQLiteStore.verify(sealed: backup, with: other, watch: .nobody) }
      #expect(throws: StoreError.self) {
        _ = try SQLiteStore.verify(backup: backup, .full, now: later, watch: .nobody)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: directory + "/other")
      #expect(left.allSatisfy { !$0.hasPrefix("plenary.db") })
    }
  }

  @Test func `what is left out, put in another order, added or changed does not open`() async throws {
    try await run { directory, backup in
      let path = URL(filePath: backup + "/plenary.db.sealed")
      let sealed = [UInt8](try Data(contentsOf: path))
      let head = 26 + 32
      let part = 65_536 + 16
      func piece(_ number: Int) -> ArraySlice<UInt8> { sealed[(head + number * part)..<(head + (number + 1) * part)] }
      var flipped = sealed
      flipped[head + part + 5] ^= 1
      var share = sealed
      share[head - 1] ^= 1
      let wholeParts: Int = (sealed.count - head) / part
      var wrongs: [(String, [UInt8])] = []
      func add(_ what: String, _ pieces: ArraySlice<UInt8>...) { wrongs.append((what, pieces.flatMap { $0 })) }
      add("the last part is missing", sealed.prefix(head + wholeParts * part))
      add("cut within a part", sealed.dropLast(3))
      add("no part", sealed.prefix(head))
      add("no head", sealed.prefix(head - 1))
      add("nothing")
      add("two parts exchanged", sealed.prefix(head), piece(1), piece(0), sealed.dropFirst(head + 2 * part))
      add("a part left out", sealed.prefix(head), sealed.dropFirst(head + part))
      add("a part twice", sealed.prefix(head + part), sealed.dropFirst(head))
      add("added", sealed[...], sealed.suffix(100))
      add("a byte changed", flipped[...])
      add("another share", share[...])
      for (what, bytes) in wrongs {
        try Data(bytes).write(to: path)
        let error = #expect(throws: StoreError.self, "\(what)") { try restore(backup, to: directory + "/o", with: key) }
        guard case .corrupt? = error else {
          Issue.record("\(what): \(String(describing: error))")
          continue
        }
        #expect(throws: StoreError.self, "\(what)") {
          _ = try SQLiteStore.verify(sealed: backup, with: nil, watch: .nobody)
        }
      }
      try Data(sealed).write(to: path)
      // A manifest that says something else is not the one that the database was sealed with.
      let manifest = URL(filePath: backup + "/manifest.json")
      let text = try String(contentsOf: manifest, encoding: .utf8)
      try text.replacing("\"schema\": 7", with: "\"schema\": 5").write(to: manifest, atomically: true, encoding: .utf8)
      #expect(throws: StoreError.self) { try restore(backup, to: directory + "/o", with: key) }
      try text.write(to: manifest, atomically: true, encoding: .utf8)
      #expect(try restore(backup, to: directory + "/o", with: key) > .zero)
    }
  }

  @Test func `a stopped store is sealed too`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory + "/data"))) { store in try await fill(store) }
      let backup = directory + "/backup"
      _ = try SQLiteStore.backUp(
        directory: directory + "/data", to: backup, sealedTo: key.sealing.bytes, now: later, watch: .nobody)
      #expect(try restore(backup, to: directory + "/other", with: key) > .zero)
      #expect(throws: StoreError.self) {
        _ = try SQLiteStore.backUp(
          directory: directory + "/data", to: directory + "/no", sealedTo: [1], now: later, watch: .nobody)
      }
    }
  }

  @Test func `keys are read as they are written, and nothing else is`() throws {
    #expect(try SealingKey(key.sealing.description + "\n") == key.sealing)
    #expect(try UnsealingKey(key.secretText + "\n").sealing == key.sealing)
    #expect(key.sealing.id.count == 16 && key.sealing.id != other.sealing.id)
    for text in ["", "plenary-backup-key+", "plenary-backup-key+AAAA", key.secretText, "x" + key.sealing.description] {
      #expect(throws: SealingKey.Malformed.self, "\(text)") { _ = try SealingKey(text) }
    }
    for text in ["", "PRIVATE+plenary-backup-key+AAAA", key.sealing.description] {
      let error = #expect(throws: SealingKey.Malformed.self, "\(text)") { _ = try UnsealingKey(text) }
      #expect(error?.description.contains("AAAA") == false)
    }
    #expect(throws: SealingKey.Malformed.self) { _ = try UnsealingKey(seed: [1, 2, 3]) }
    #expect(SealingKey(bytes: [1, 2, 3]) == nil)
  }
}
