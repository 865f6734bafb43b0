import Dispatch
import Glibc
import PlenaryStore
import PlenaryStoreSQLite
import Synchronization
import Testing

@Suite struct HealthTests {
  @Test func `commits, batches, the log and checkpoints are counted`() async throws {
    try await withScratchDirectory { directory in
      var configuration = configuration(.directory(directory))
      let clock = Counter(0)
      // Each question moves it on by three milliseconds, so each commit takes as long.
      configuration.nanoseconds = { clock.advance(by: 3_000_000) }
      try await withStore(configuration) { store in
        #expect(store.health() == store.health())
        #expect(store.health().checkpoint == nil && store.health().commitCount == 0)
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("a", "1"), put("b", "2")]))
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("c", "3")]))
        let health = store.health()
        #expect(health.commitCount == 2)
        #expect([health.commitMicrosecondsP50, health.commitMicrosecondsP99] == [3000, 3000])
        #expect(health.commitMicrosecondsMax == 3000)
        #expect(health.batchChangesMean == 1.5 && health.batchChangesMax == 2)
        #expect(health.schema == 7 && health.failure == nil)
        let free = try #require(health.diskFreeBytes)
        #expect(free > 0)
        let text = String(repeating: "x", count: 40_000)
        for number in 0..<20 {
          _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("n\(number)", text)]))
        }
        let checkpoint = try #require(store.health().checkpoint)
        #expect(checkpoint.pagesMoved > 0 && checkpoint.failure == nil)
      }
    }
  }

  @Test func `the ballast is there while the store is open`() async throws {
    try await withScratchDirectory { directory in
      var configuration = configuration(.directory(directory))
      configuration.ballastBytes = 1 << 20
      try await withStore(configuration) { store in
        // The writer makes it before it writes anything.
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("a", "1")]))
        #expect(store.health().ballast == .held)
        var status = stat()
        #expect(unsafe stat("\(directory)/ballast", &status) == 0)
        #expect(status.st_size == 1 << 20 && status.st_blocks >= 2048)
      }
      #expect(unsafe access("\(directory)/ballast", F_OK) != 0)
    }
  }

  @Test func `a ballast that was given up stays so until there is room for it again`() async throws {
    try await withScratchDirectory { directory in
      var configuration = configuration(.directory(directory))
      configuration.ballastBytes = 1 << 20
      try await withStore(configuration) { store in
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("a", "1")]))
      }
      // A process that was killed while its ballast was spent leaves an empty file.
      #expect(unsafe close(creat("\(directory)/ballast", 0o600)) == 0)
      // No disk has room for this one.
      configuration.ballastBytes = 1 << 60
      for _ in 0..<2 {
        try await withStore(configuration) { store in
          #expect(store.health().ballast == .spent)
          await #expect(throws: StoreError.full) {
            try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("b", "2")]))
          }
          let found = try await store.get([Key(stored: "a")], as: .everything, at: nil)
          #expect(found.records[0] != nil)
        }
      }
      try await withStore(configuration) { store in
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [.softDelete(Key(stored: "a"))]))
      }
      configuration.ballastBytes = 1 << 20
      try await withStore(configuration) { store in
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put("b", "2")]))
        #expect(store.health().ballast == .held)
      }
      #expect(unsafe access("\(directory)/ballast", F_OK) != 0)
    }
  }

  @Test func `upkeep gives way to a log that has reached its limit`() async throws {
    try await withScratchDirectory { directory in
      var configuration = configuration(.directory("\(directory)/data"))
      configuration.logPages.max = 300
      try await withStore(configuration) { store in
        let text = String(repeating: "x", count: 40_000)
        func write(_ name: String) async throws {
          _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [put(name, text)]))
        }
        // More than a backup copies in one step.
        for number in 0..<40 { try await write("before\(number)") }
        let gate = DispatchSemaphore(value: 0)
        let isFirst = Atomic(true)
        // After its first step the backup waits until the log is over its limit.
        let watch = UpkeepWatch(
          isGivenUp: { false },
          report: { _ in if isFirst.exchange(false, ordering: .relaxed) { gate.wait() } })
        async let backup = store.backUp(to: "\(directory)/backup", watch: watch)
        for number in 0..<200 where store.health().logByteCount < 300 * 4120 { try await write("n\(number)") }
        gate.signal()
        do {
          _ = try await backup
          Issue.record("the backup went on")
        } catch StoreError.unavailable(let reason, _) {
          #expect(reason.contains("write-ahead log"))
        }
        for number in 0..<10 { try await write("after\(number)") }
        #expect(store.health().logByteCount < 300 * 4120)
        #expect(try await store.verify(.full, watch: .nobody).isSound)
      }
    }
  }
}
