import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import Testing

@Suite struct SQLiteStoreTests {
  @Test(arguments: StoreCheck.all)
  func `a store in a file keeps its promise`(_ check: StoreCheck) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await check.run(on: $0) }
    }
  }

  @Test(arguments: StoreCheck.all)
  func `a store in memory keeps its promise`(_ check: StoreCheck) async throws {
    try await withStore(configuration(.memory)) { try await check.run(on: $0) }
  }
}
