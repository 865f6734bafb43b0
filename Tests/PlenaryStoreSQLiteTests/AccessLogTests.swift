import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Synchronization
import Testing
import Transparency

/// The access log in its files.
@Suite(.timeLimit(.minutes(10))) struct AccessLogTests {
  private static let key: SigningKey = {
    do {
      return try SigningKey(name: "test", use: .log, seed: Array(repeating: 7, count: 32))
    } catch {
      preconditionFailure("a key of 32 bytes: \(error)")
    }
  }()

  /// A clock that tests set.
  private final class Clock: Sendable {
    let time = Mutex(Int64(1_800_000_000_000_000))
    func advance(days: Int64) { time.withLock { $0 += days * 24 * 3600 * 1_000_000 } }
  }

  private func read(_ resource: String, by principal: String = "clients/a") -> AccessEvent {
    AccessEvent(.read, principal: principal, method: "Get", resource: resource)
  }

  private static let stranger = AccessEvent(.refused, principal: "", method: "m", reason: "CREDENTIALS_INVALID")

  /// Opens a log beside a store in a directory, and closes both.
  private func withLog<Result>(
    in directory: String, _ limits: AccessLog.Limits = .init(), clock: Clock = Clock(),
    _ body: (AccessLog) async throws -> Result
  ) async throws -> Result {
    try await withStore(configuration(.directory(directory))) { store in
      let log = try AccessLog(
        beside: store, Self.key, limits, now: { CommitTime(microseconds: clock.time.withLock { $0 }) },
        report: { Issue.record("\($0)") }, begun: {})
      let result = try await body(log)
      await log.close()
      return result
    }
  }

  /// The entries of all pages.
  private func entries(
    _ log: AccessLog, limit: Int = 3, _ change: (inout AccessQuestion) -> Void = { _ in }
  ) async throws -> [AccessEntry] {
    var question = AccessQuestion(limit: limit)
    question.isOldestFirst = true
    change(&question)
    var entries: [AccessEntry] = []
    repeat {
      let page = try await log.entries(question)
      #expect(page.entries.count <= limit)
      entries += page.entries
      (question.place, question.through) = (page.next, page.through)
    } while question.place != nil
    return entries
  }

  private func files(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).filter {
      $0.hasPrefix("access-") && $0.hasSuffix(".log")
    }.sorted()
  }

  private func findings(in directory: String) throws -> [String] {
    try AccessLog.verify(directory: directory, Self.key.verification).map(\.message)
  }

  @Test func `what is noted is there in order, after a restart too, and what is the same is counted`() async throws {
    try await withScratchDirectory { directory in
      try await withLog(in: directory) { log async throws in
        for name in ["x/1", "x/2", "x/1"] { log.note(read(name)) }
        log.note(Self.stranger)
        try await log.write()
        log.note(read("x/3", by: "clients/b"))
        #expect(try await log.verify().isEmpty)
      }
      try await withLog(in: directory) { log async throws in
        for number in 0..<10 { log.note(read("y/\(number)")) }
        let all = try await entries(log)
        #expect(all.count == 14 && all.map(\.place) == all.map(\.place).sorted())
        #expect(Set(all.prefix(3).compactMap(\.event)) == [read("x/1"), read("x/2"), Self.stranger])
        #expect(all.first { $0.event == read("x/1") }?.count == 2)
        #expect(all[3].event == read("x/3", by: "clients/b"))
        #expect(try await entries(log) { $0.isOldestFirst = false } == all.reversed())
        #expect(try await entries(log) { $0.isWanted = { $0.event?.principal == "clients/b" } }.count == 1)
        #expect(try await log.verify().isEmpty)
      }
      #expect(try findings(in: directory).isEmpty)
      for file in try files(in: directory) {
        let mode = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")[.posixPermissions]
        #expect(mode as? Int == 0o600)
      }
    }
  }

  @Test func `pages show what there was at the first one`() async throws {
    try await withScratchDirectory { directory in
      try await withLog(in: directory) { log async throws in
        for number in 0..<4 { log.note(read("x/\(number)")) }
        var question = AccessQuestion(limit: 3)
        question.isOldestFirst = true
        let first = try await log.entries(question)
        log.note(read("late"))
        (question.place, question.through) = (first.next, first.through)
        let second = try await log.entries(question)
        #expect(first.entries.count == 3 && second.entries.count == 1 && second.next == nil)
      }
    }
  }

  @Test func `what is too much is counted, and the count stands in the log`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.pendingMax = 5
      limits.entriesPerHourMax = 7
      limits.strangersPerHourMax = 1
      let clock = Clock()
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        log.note(Self.stranger)
        log.note(AccessEvent(.refused, principal: "", method: "other", reason: "CREDENTIALS_MISSING"))
        for number in 1...5 { log.note(read("x/\(number)")) }
        let first = try await entries(log, limit: 100)
        // At the limit of what waits, and of strangers, they are there; one more is counted.
        #expect(first.compactMap(\.event).count == 5)
        #expect(first.filter { $0.event == nil }.map { [$0.outcome.rawValue: $0.count] } == [[1: 1], [2: 1]])
        for number in 6...8 { log.note(read("x/\(number)")) }
        let second = try await entries(log, limit: 100)
        #expect(second.compactMap(\.event).count == 7 && second.filter { $0.event == nil }.map(\.count) == [1, 1, 1])
        // In the next hour there is room again.
        clock.advance(days: 1)
        log.note(read("x/9"))
        log.note(Self.stranger)
        #expect(try await entries(log, limit: 100).compactMap(\.event).count == 9)
        #expect(try await log.verify().isEmpty)
      }
    }
  }

  @Test func `files follow one another, and go when they are older than they have to be`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.fileBytes = 300
      limits.retentionDays = 10
      let clock = Clock()
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        for day in 0..<10 {
          log.note(read("x/\(day)"))
          log.note(read("y/\(day)"))
          try await log.write()
          clock.advance(days: 1)
        }
        #expect(try files(in: directory).count >= 5)
        #expect(try await entries(log).count == 20)
        clock.advance(days: 7)
        log.note(read("z"))
        let left = try await entries(log)
        #expect(left.count < 20 && left.last?.event == read("z") && left.contains { $0.event == read("x/9") })
        let least = clock.time.withLock { $0 } - 10 * 24 * 3600 * 1_000_000
        // No more than one file reaches back beyond what has to be kept.
        #expect(left.dropFirst(4).allSatisfy { $0.time.microseconds >= least })
        #expect(try await log.verify().isEmpty)
      }
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        log.note(read("again"))
        #expect(try await entries(log).last?.event == read("again"))
      }
      #expect(try findings(in: directory).isEmpty)
    }
  }

  @Test func `a page looks at so many entries and no more, and the next one goes on`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.fileBytes = 600
      limits.entriesLookedAtMax = 3
      try await withLog(in: directory, limits) { log async throws in
        for number in 0..<10 {
          log.note(read("x/\(number)"))
          log.note(read("y/\(number)"))
          try await log.write()
        }
        let all = try await entries(log, limit: 100)
        #expect(all.count == 20 && all.map(\.place) == all.map(\.place).sorted())
        #expect(try await entries(log, limit: 100) { $0.isOldestFirst = false } == all.reversed())
        let wanted = read("x/2")
        for isOldestFirst in [true, false] {
          let found = try await entries(log) {
            $0.isOldestFirst = isOldestFirst
            $0.isWanted = { $0.event == wanted }
          }
          #expect(found.map(\.event) == [wanted])
        }
        let page = try await log.entries(AccessQuestion(limit: 100) { _ in false })
        // The newest three of twenty.
        #expect(page.entries.isEmpty && page.next == all[17].place)
      }
    }
  }

  @Test func `files that ended before the time that is asked for are not read`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.fileBytes = 300
      let clock = Clock()
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        for day in 0..<20 {
          log.note(read("x/\(day)"))
          log.note(read("y/\(day)"))
          try await log.write()
          clock.advance(days: 1)
        }
        let all = try await entries(log)
        let start = try #require(all.first { $0.event?.resource == "x/15" }).time
        for isOldestFirst in [true, false] {
          let late = try await entries(log) { ($0.isOldestFirst, $0.start) = (isOldestFirst, start) }
          let expected = Array(all.suffix(10))
          #expect(late == (isOldestFirst ? expected : expected.reversed()))
        }
        let first = try #require(try files(in: directory).first)
        try FileManager.default.removeItem(atPath: "\(directory)/\(first)")
        for isOldestFirst in [true, false] {
          #expect(try await entries(log) { ($0.isOldestFirst, $0.start) = (isOldestFirst, start) }.count == 10)
          // Without a time all of them are.
          await #expect(throws: StoreError.self) { _ = try await entries(log) { $0.isOldestFirst = isOldestFirst } }
        }
      }
    }
  }

  /// Ten batches in several files.
  private func filled(_ directory: String) async throws {
    var limits = AccessLog.Limits()
    limits.fileBytes = 600
    try await withLog(in: directory, limits) { log async throws in
      for number in 0..<10 {
        log.note(read("x/\(number)"))
        try await log.write()
      }
    }
    #expect(try findings(in: directory).isEmpty)
  }

  @Test func `a byte that is flipped, wherever, is found`() async throws {
    try await withScratchDirectory { directory in
      try await filled(directory)
      for file in try files(in: directory) + ["access.head"] {
        let path = "\(directory)/\(file)"
        let sound = try Data(contentsOf: URL(filePath: path))
        for offset in stride(from: 0, to: sound.count, by: 7) {
          var damaged = sound
          damaged[offset] ^= UInt8(1 << (offset % 8))
          try damaged.write(to: URL(filePath: path))
          #expect(try !findings(in: directory).isEmpty, "\(file), byte \(offset)")
        }
        try sound.write(to: URL(filePath: path))
      }
      #expect(try findings(in: directory).isEmpty)
    }
  }

  @Test func `what is cut off or left out is found, also once the log goes on`() async throws {
    let cuts: [@Sendable (_ directory: String, _ files: [String]) throws -> Void] = [
      { directory, files in try FileManager.default.removeItem(atPath: "\(directory)/\(files[0])") },
      { directory, files in try FileManager.default.removeItem(atPath: "\(directory)/\(files[1])") },
      { directory, files in try FileManager.default.removeItem(atPath: "\(directory)/\(files[files.count - 1])") },
      { directory, files in try FileManager.default.removeItem(atPath: "\(directory)/access.head") },
      { directory, files in
        let handle = try #require(FileHandle(forUpdatingAtPath: "\(directory)/\(files[files.count - 1])"))
        try handle.truncate(atOffset: try handle.seekToEnd() - 10)
        try handle.close()
      },
      { directory, files in for file in files { try FileManager.default.removeItem(atPath: "\(directory)/\(file)") } },
    ]
    for (number, cut) in cuts.enumerated() {
      try await withScratchDirectory { directory in
        try await filled(directory)
        try cut(directory, try files(in: directory))
        #expect(try !findings(in: directory).isEmpty, "\(number)")
        guard number != 3 else { return }
        try await withLog(in: directory) { log async throws in
          log.note(read("after"))
          #expect(try await entries(log).last?.event == read("after"))
        }
        #expect(try !findings(in: directory).isEmpty, "\(number), after more was written")
      }
    }
  }

  @Test func `a batch that another key has signed is found`() async throws {
    try await withScratchDirectory { directory in
      try await filled(directory)
      let other = try SigningKey(name: "test", use: .log, seed: Array(repeating: 8, count: 32))
      let messages = try AccessLog.verify(directory: directory, other.verification).map(\.message)
      #expect(messages.contains { $0.contains("not signed") })
      // Without a key the chain alone is looked at.
      #expect(try AccessLog.verify(directory: directory, nil).isEmpty)
    }
  }

  @Test func `half a batch of a process that was stopped is cut off, and nothing is missed`() async throws {
    try await withScratchDirectory { directory in
      try await filled(directory)
      let last = "\(directory)/\(try #require(try files(in: directory).last))"
      let handle = try #require(FileHandle(forUpdatingAtPath: last))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data([0, 0, 1, 0, 1, 2, 3]))
      try handle.close()
      try await withLog(in: directory) { log async throws in
        #expect(try await log.verify().isEmpty)
        log.note(read("after"))
        #expect(try await entries(log).count == 11)
      }
      #expect(try findings(in: directory).isEmpty)
    }
  }

  // MARK: Heads of the tree

  private func head(_ end: AccessLogEnd, at time: CommitTime) -> Checkpoint {
    Checkpoint(
      origin: "test", size: 1, root: [UInt8](repeating: 1, count: 32),
      extensions: ["time \(time.microseconds / 1_000_000)"]
    ).committing(toNumber: end.number, digest: end.digest, by: Self.key)
  }

  private func findings(in directory: String, _ heads: [Checkpoint]) throws -> [String] {
    try AccessLog.verify(directory: directory, Self.key, heads.map { ("a head", $0) }).map(\.message)
  }

  @Test func `the end of the log at a time is the same whenever it is asked for`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.fileBytes = 600
      let clock = Clock()
      let start = clock.time.withLock { $0 }
      func time(_ day: Int64) -> CommitTime { CommitTime(microseconds: start + day * 24 * 3600 * 1_000_000) }
      let ends = try await withLog(in: directory, limits, clock: clock) { log async throws in
        #expect(try await log.end(at: nil).number == 0)
        var ends: [AccessLogEnd] = []
        for day in 0..<10 as Range<Int64> {
          log.note(read("x/\(day)"))
          // What waits is not there yet.
          #expect(try await log.end(at: nil).number == UInt64(day))
          try await log.write()
          ends.append(try await log.end(at: nil))
          #expect(try await log.end(at: time(day)) == ends.last)
          clock.advance(days: 1)
        }
        return ends
      }
      #expect(ends.map(\.number) == Array(1...10) && Set(ends.map(\.digest)).count == 10)
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        log.note(read("later"))
        try await log.write()
        for (day, end) in ends.enumerated() { #expect(try await log.end(at: time(Int64(day))) == end) }
        #expect(try await log.end(at: CommitTime(microseconds: start - 1)).number == 0)
      }
    }
  }

  @Test func `a log whose end was taken back is not the one that heads of then commit to, though nothing else tells`()
    async throws
  {
    try await withScratchDirectory { directory in
      let time = CommitTime(microseconds: 1_800_000_000_000_000)
      try await filled(directory)
      let sound = try (files(in: directory) + ["access.head"]).map {
        ($0, try Data(contentsOf: URL(filePath: "\(directory)/\($0)")))
      }
      var heads: [Checkpoint] = []
      try await withLog(in: directory) { log async throws in
        heads.append(head(try await log.end(at: nil), at: time))
        log.note(read("secret"))
        try await log.write()
        heads.append(head(try await log.end(at: nil), at: time))
      }
      #expect(try findings(in: directory, heads).isEmpty)
      // The operator puts back what was there before, its end signed with the registry's own key.
      for file in try files(in: directory) { try FileManager.default.removeItem(atPath: "\(directory)/\(file)") }
      for (file, bytes) in sound { try bytes.write(to: URL(filePath: "\(directory)/\(file)")) }
      #expect(try findings(in: directory).isEmpty)
      let found = try findings(in: directory, heads)
      #expect(found.count == 1 && found[0].contains("batches of then were taken out or changed"))
      // Going on with something else does not help.
      try await withLog(in: directory) { log async throws in
        log.note(read("harmless"))
        try await log.write()
      }
      #expect(try findings(in: directory).isEmpty)
      #expect(try findings(in: directory, heads).count == 1)
      for file in try files(in: directory) + ["access.head"] {
        try FileManager.default.removeItem(atPath: "\(directory)/\(file)")
      }
      #expect(try findings(in: directory, heads).count == 2)
    }
  }

  @Test func `of heads from before the log begins, or that say nothing of it, that is told`() async throws {
    try await withScratchDirectory { directory in
      var limits = AccessLog.Limits()
      limits.fileBytes = 300
      limits.retentionDays = 10
      let clock = Clock()
      let start = CommitTime(microseconds: clock.time.withLock { $0 })
      var heads: [Checkpoint] = []
      try await withLog(in: directory, limits, clock: clock) { log async throws in
        for day in 0..<20 {
          log.note(read("x/\(day)"))
          log.note(read("y/\(day)"))
          try await log.write()
          if day.isMultiple(of: 19) { heads.append(head(try await log.end(at: nil), at: start)) }
          clock.advance(days: 1)
        }
      }
      let found = try findings(in: directory, heads)
      #expect(found.count == 1 && found[0].contains("cannot be known"))
      // Each is looked for by itself, whatever is found of the others.
      #expect(try findings(in: directory, heads + heads + [heads[1]]).count == 2)
      let silent = Checkpoint(origin: "test", size: 1, root: [UInt8](repeating: 1, count: 32))
      #expect(try findings(in: directory, [silent]).map { $0.contains("says nothing of it") } == [true])
    }
  }
}
