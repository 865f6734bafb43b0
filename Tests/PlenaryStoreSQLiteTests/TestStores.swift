import Foundation
import Glibc
import PlenaryStore
import PlenaryStoreSQLite
import Synchronization

/// What the tests count with, instead of a real clock and real randomness.
final class Counter: Sendable {
  private let value: Atomic<Int64>

  init(_ start: Int64) {
    value = Atomic(start)
  }

  func advance(by step: Int64) -> Int64 { value.wrappingAdd(step, ordering: .relaxed).newValue }
}

/// Distinguishes the private directories of stores in memory that are open at once.
private let tokens = Counter(Int64(getpid()) << 32)

/// How the tests' stores work: a clock that runs backwards, which the store has to put right, and small limits.
func configuration(_ location: SQLiteStore.Configuration.Location) -> SQLiteStore.Configuration {
  let clock = Counter(1_800_000_000_000_000)
  var configuration = SQLiteStore.Configuration(
    location, now: { CommitTime(microseconds: clock.advance(by: -7)) },
    randomBytes: { count in
      let token = tokens.advance(by: 1)
      return (0..<count).map { UInt8(truncatingIfNeeded: token >> Int64(8 * ($0 % 8))) }
    })
  configuration.cacheBytesMax = 1 << 20
  configuration.pageCacheBytesMax = 8 << 20
  configuration.logPages.whenIdle = 64
  configuration.logPages.whenBusy = 128
  configuration.logPages.truncate = 256
  configuration.ballastBytes = 0
  return configuration
}

/// Opens a store, and closes it whatever happens.
func withStore<Result>(
  _ configuration: SQLiteStore.Configuration, _ body: (SQLiteStore) async throws -> Result
) async throws -> Result {
  let store = try SQLiteStore(configuration)
  do {
    let result = try await body(store)
    await store.close()
    return result
  } catch {
    await store.close()
    throw error
  }
}

/// Makes an empty directory, and removes it with the files in it.
func withScratchDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let path = "/tmp/plenary-store-test-\(getpid())-\(tokens.advance(by: 1))"
  unsafe mkdir(path, 0o700)
  defer {
    // What cannot be removed is in nobody's way.
    try? FileManager.default.removeItem(atPath: path)
  }
  return try await body(path)
}
