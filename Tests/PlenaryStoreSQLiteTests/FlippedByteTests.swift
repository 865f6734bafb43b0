import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// Bytes of a store's file are flipped, one at a time: whatever that does to a row of the audit or of the versions is found,
/// and the first revision that is not as it was written is named.
@Suite(.timeLimit(.minutes(10))) struct FlippedByteTests {
  /// Every so many bytes one is flipped, a prime so that it falls on all parts of cells.
  private static let stride = 61

  /// A run begins at another byte, and flips another bit, for each seed.
  static let seeds = [3, 22]

  @Test(arguments: ["audit", "ver"], seeds)
  func `a flipped byte is found with the first bad revision`(_ table: String, _ seed: Int) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        try await fill(store, rounds: 6)
        // So large that its bytes go on in pages of their own.
        _ = try await store.commit(
          WriteRequest(actor: "clients/a", mutations: [put("long", String(repeating: "long ", count: 3000))]))
        try await fill(store, rounds: 6, below: "more/")
      }
      let file = DatabaseFile(in: directory)
      let sound = try rows(of: table, in: file)
      let pages = try file.rows("SELECT pageno FROM dbstat WHERE name = '\(table)'").compactMap { Int($0[0]) }
      let pageBytes = try #require(try file.text("PRAGMA page_size").flatMap { Int($0) })
      #expect(sound.count > 70 && pages.count > 3)
      let handle = try #require(FileHandle(forUpdatingAtPath: file.path))
      defer { try? handle.close() }
      var (foundCount, place) = (0, seed)
      while place < pages.count * pageBytes {
        let offset = UInt64((pages[place / pageBytes] - 1) * pageBytes + place % pageBytes)
        let bit = UInt8(1) << UInt8((place / Self.stride + seed) % 8)
        try flip(bit, at: offset, handle)
        let damaged = try rows(of: table, in: file)
        let report = Result { () throws in
          try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
        }
        if let first = firstDifference(sound, damaged) {
          foundCount += 1
          #expect(
            (try? report.get().firstBadRevision) == Revision(first), "\(first), byte \(offset), bit \(bit): \(report)")
        } else if damaged != sound {
          // A row that was never there.
          #expect((try? report.get().isSound) == false, "byte \(offset), bit \(bit): \(report)")
        }
        try flip(bit, at: offset, handle)
        place += Self.stride
      }
      // Not all of a page is in use, and most of it is.
      #expect(foundCount > pages.count * pageBytes / Self.stride / 3, "\(foundCount)")
      let report = try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
      #expect(report.isSound, "\(report.findings)")
    }
  }

  /// What each revision's row holds, byte for byte, as far as SQLite can read it.
  private func rows(of table: String, in file: DatabaseFile) throws -> [UInt64: Set<String>] {
    let columns = try Self.columns(table)
    let values = columns.map { "typeof(\($0)) || hex(CAST(\($0) AS BLOB))" }.joined(separator: " || ' ' || ")
    let rows = (try? file.rows("SELECT rev, \(values) FROM \(table) ORDER BY rev")) ?? []
    var found: [UInt64: Set<String>] = [:]
    for row in rows {
      guard let revision = Int64(row[0]) else { continue }
      found[UInt64(bitPattern: revision), default: []].insert(row[1])
    }
    return found
  }

  private static func columns(_ table: String) throws -> [String] {
    VerifyTests.columns.filter { $0.table == table }.map(\.column)
  }

  /// The least revision whose row is not there as it was.
  private func firstDifference(_ sound: [UInt64: Set<String>], _ damaged: [UInt64: Set<String>]) -> UInt64? {
    sound.filter { !$0.value.isSubset(of: damaged[$0.key] ?? []) }.keys.min()
  }

  private func flip(_ bit: UInt8, at offset: UInt64, _ handle: FileHandle) throws {
    try handle.seek(toOffset: offset)
    let byte = try #require(try handle.read(upToCount: 1)?.first)
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: [byte ^ bit])
  }
}
