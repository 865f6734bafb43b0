import GRPCRuntime
import GRPCTestKit
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryServices

/// One watch and the desk, without a server: time, callers and who takes what is sent are the test's to say.
@Suite(.timeLimit(.minutes(10))) struct WatchRunTests {
  private static let open = Viewer { $0.label != PlenaryAPI.Marking.Label.red.rawValue }

  /// A registry, its desk, and a caller whose rights the test changes.
  private struct World: Sendable {
    let store: SQLiteStore
    let registry: Registry
    let desk: WatchDesk
    let clock = ManualClock()
    let viewers = Shared<(viewer: Viewer, count: UInt64)>((.everything, 0))

    init(_ limits: WatchDesk.Limits = WatchDesk.Limits()) throws {
      let ticks = Ticks()
      let now: @Sendable () -> CommitTime = { CommitTime(microseconds: 1_500_000_000_000_000 + ticks.next()) }
      let random: @Sendable (Int) -> [UInt8] = { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } }
      store = try SQLiteStore(.init(.memory, now: now, randomBytes: random))
      registry = Registry(store: store, TimeAndChance(now: now, randomBytes: random))
      desk = WatchDesk(
        wakeups: store.wakeups(), limits: limits, clock: clock, start: { work in Task { await work() } },
        // A time passes at once.
        pause: { _ in await Task.yield() })
    }

    var callers: CallerSource {
      CallerSource { [viewers] in
        let (viewer, count) = viewers.value
        return (Caller(principal: "clients/test", viewer: viewer), count)
      }
    }

    func create(_ id: String) async throws -> Theme {
      let request = CreateThemeRequest.with {
        $0.themeID = id
        $0.theme = .with {
          $0.scheme = "topics"
          $0.prefLabel = .with { ($0.values, $0.originalLanguage) = (["en": id], "en") }
        }
      }
      return try await Theme(
        serializedBytes: registry.create(request, as: Caller(principal: "clients/test", viewer: .everything)).bytes)
    }

    /// Writes a theme that all see, in one request with others that few see before and after it.
    func create(_ id: String, besides before: Int, and after: Int) async throws {
      let mutations = (0...(before + after)).map { place in
        Mutation.put(
          Key(stored: place == before ? "themes/\(id)" : "themes/\(id)-\(place)"),
          Content(
            body: [], marking: PlenaryStore.Marking(label: place == before ? 1 : PlenaryAPI.Marking.Label.red.rawValue),
            entries: []))
      }
      _ = try await store.commit(WriteRequest(actor: "clients/other", mutations: mutations))
    }

    /// Watches while the body runs; it is given the messages as they come. Returns how the watch ended.
    func watch(
      _ request: WatchChangesRequest = WatchChangesRequest(),
      sending send: (@Sendable (EncodedMessage, WritePatience) async throws(GRPCStatus) -> Void)? = nil,
      _ body: (AsyncStream<WatchChangesResponse>) async throws -> Void
    ) async throws -> Result<Void, any Error> {
      let (messages, continuation) = AsyncStream.makeStream(of: WatchChangesResponse.self)
      let task = Task { [self] () async -> Result<Void, any Error> in
        defer { continuation.finish() }
        do {
          let seat = try desk.takeSeat()
          defer { desk.leave(seat) }
          var run = WatchRun(registry, desk: desk, seat: seat, callers: callers) {
            message, patience throws(GRPCStatus) in
            try await send?(message, patience)
            if let message = try? WatchChangesResponse(serializedBytes: message.first) { continuation.yield(message) }
          }
          try await run.run(request)
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      do {
        try await body(messages)
      } catch {
        task.cancel()
        _ = await task.value
        throw error
      }
      return await task.value
    }

    func end() async {
      desk.close()
      await store.close()
    }
  }

  private func withWorld(
    _ limits: WatchDesk.Limits = WatchDesk.Limits(), _ body: (World) async throws -> Void
  ) async throws {
    let world = try World(limits)
    let result: Result<Void, any Error>
    do { result = .success(try await body(world)) } catch { result = .failure(error) }
    await world.end()
    try result.get()
  }

  private func refusal(_ result: Result<Void, any Error>) -> DomainError? {
    if case .failure(let error as DomainError) = result { error } else { nil }
  }

  @Test func `a change of what the caller may see ends the watch with RESYNC`() async throws {
    for start in [nil, WatchChangesRequest.Start.snapshot(true)] {
      try await withWorld { world in
        _ = try await world.create("before")
        let end = try await world.watch(.with { $0.start = start }) { messages in
          var kinds: [WatchChangesResponse.Kind] = []
          for await message in messages {
            kinds.append(message.kind)
            if message.kind == .progress {
              world.viewers.value = (Self.open, 1)
              world.desk.viewersDidChange()
            }
          }
          #expect(kinds == (start == nil ? [] : [.snapshot, .snapshotEnd]) + [.progress, .resync])
        }
        try end.get()
      }
    }
  }

  @Test(arguments: [(0, 0), (0, 40), (40, 0), (17, 17), (6000, 6000)])
  func `what a message holds follows from what is told`(_ before: Int, _ after: Int) async throws {
    // Once what is watched is there already, once it comes.
    for start in [WatchChangesRequest.Start.fromBeginning(true), nil] {
      try await withWorld { world in
        world.viewers.value = (Self.open, 0)
        let ids = (0..<3).map { "t\($0)" }
        if start != nil { for id in ids { try await world.create(id, besides: before, and: after) } }
        let end = try await world.watch(.with { $0.start = start }) { messages in
          var told: [WatchChangesResponse] = []
          for await message in messages {
            told.append(message)
            if start == nil, told.count <= ids.count {
              try await world.create(ids[told.count - 1], besides: before, and: after)
            } else if message.changes.last?.resource == "themes/\(ids[2])" {
              world.desk.close()
            }
          }
          let changes = told.filter { $0.kind == .changes }
          #expect(changes.flatMap(\.changes).map(\.resource) == ids.map { "themes/\($0)" })
          #expect(changes.map(\.changes.count) == (start == nil ? [1, 1, 1] : [3]))
          #expect(
            changes.allSatisfy { !$0.more && !$0.revision.isEmpty && $0.changes.allSatisfy { !$0.revision.isEmpty } })
          #expect(told.filter { $0.kind == .progress }.count <= 1)
        }
        #expect(refusal(end)?.reason == .storeUnavailable)
      }
    }
  }

  /// Behind many changes that the caller does not see, the next part takes several readings.
  @Test(arguments: [0, 6])
  func `what goes out of sight while a part is sent is not in the next one`(_ hiddenThousands: Int) async throws {
    try await withWorld { world in
      world.viewers.value = (Self.open, 0)
      @Sendable func put(_ number: Int, _ label: Int32) -> Mutation {
        .put(
          Key(stored: "themes/t\(number)"),
          Content(body: [], marking: PlenaryStore.Marking(label: label), entries: []))
      }
      // More than one message holds.
      _ = try await world.store.commit(WriteRequest(actor: "a", mutations: (0..<900).map { put($0, 1) }))
      let red = PlenaryAPI.Marking.Label.red.rawValue
      for number in 0..<hiddenThousands {
        let mutations = (0..<1000).map { put(10_000 + 1000 * number + $0, red) }
        _ = try await world.store.commit(WriteRequest(actor: "a", mutations: mutations))
      }
      let isHidden = Shared(false)
      let end = try await world.watch(
        .with { $0.start = .fromBeginning(true) },
        sending: { _, _ in
          guard !isHidden.value else { return }
          isHidden.value = true
          // The next part is being read, or lies there.
          for _ in 0..<10_000 { await Task.yield() }
          let result = await world.store.commit([WriteRequest(actor: "a", mutations: [put(800, red)])])[0]
          guard case .success(let receipt) = result else {
            Issue.record("\(result)")
            return
          }
          while world.desk.lastHead < receipt.revision { await Task.yield() }
        }
      ) { messages in
        var told: [String] = []
        for await message in messages {
          told += message.changes.filter { $0.resource == "themes/t800" }.map { "\($0.kind)" }
          if message.kind == .progress { world.desk.close() }
        }
        #expect(told == ["REMOVED"])
      }
      #expect(refusal(end)?.reason == .storeUnavailable)
    }
  }

  @Test func `nothing that was read with other eyes is sent`() async throws {
    try await withWorld { world in
      // Between the reading and the sending of the first record, the caller loses its rights.
      world.viewers.value = (
        Viewer { _ in
          world.viewers.value.count += 1; return true
        }, 0
      )
      _ = try await world.create("secret")
      let end = try await world.watch(.with { $0.start = .fromBeginning(true) }) { messages in
        for await message in messages {
          #expect(message.kind == .resync && message.changes.isEmpty)
        }
      }
      try end.get()
    }
  }

  @Test func `progress is told when all was sent, and when nothing is for a while`() async throws {
    try await withWorld { world in
      let theme = try await world.create("a")
      let request = WatchChangesRequest.with {
        $0.start = .fromBeginning(true)
        $0.progressInterval = .init(.seconds(2))
      }
      let end = try await world.watch(request) { messages in
        var kinds: [WatchChangesResponse.Kind] = []
        for await message in messages {
          kinds.append(message.kind)
          #expect(message.revision == theme.revision)
          if kinds.count == 4 { world.desk.close() } else { world.clock.advance(by: .seconds(2)) }
        }
        #expect(kinds == [.changes, .progress, .progress, .progress])
      }
      #expect(refusal(end)?.reason == .storeUnavailable)
    }
  }

  @Test func `a caller that takes nothing is cut, and told where to go on`() async throws {
    var limits = WatchDesk.Limits()
    limits.stallMax = .seconds(5)
    try await withWorld(limits) { world in
      let first = try await world.create("a")
      let stuck = Gate()
      let end = try await world.watch(
        .with { $0.start = .fromBeginning(true) },
        sending: { _, patience throws(GRPCStatus) in
          stuck.open()
          while !patience.isOver { await Task.yield() }
          throw GRPCStatus(.cancelled)
        }
      ) { _ in
        await stuck.wait()
        // Not yet.
        world.clock.advance(by: .milliseconds(4999))
        for _ in 0..<100 { await Task.yield() }
        #expect(world.desk.watcherCount == 1)
        world.clock.advance(by: .milliseconds(1))
      }
      let error = try #require(refusal(end))
      #expect(error.reason == .watcherTooSlow && error.code == .resourceExhausted)
      #expect(error.metadata["revision"] == first.revision)
    }
  }

  @Test func `a daemon that stops ends those that wait and those that are stuck`() async throws {
    try await withWorld { world in
      _ = try await world.create("a")
      let waiting = try await world.watch { messages in
        for await _ in messages { break }
        world.desk.close()
      }
      #expect(refusal(waiting)?.code == .unavailable)
      #expect(throws: DomainError.self) { try world.desk.takeSeat() }
    }
    try await withWorld { world in
      _ = try await world.create("a")
      let stuck = Gate()
      let end = try await world.watch(
        .with { $0.start = .fromBeginning(true) },
        sending: { _, patience throws(GRPCStatus) in
          stuck.open()
          while !patience.isOver { await Task.yield() }
          throw GRPCStatus(.cancelled)
        }
      ) { _ in
        await stuck.wait()
        world.desk.close()
      }
      #expect(refusal(end)?.code == .unavailable)
    }
  }

  @Test func `one watch more than the limit is refused, until another ends`() async throws {
    var limits = WatchDesk.Limits()
    limits.watchersMax = 2
    try await withWorld(limits) { world in
      let seats = [try world.desk.takeSeat(), try world.desk.takeSeat()]
      let error = #expect(throws: DomainError.self) { try world.desk.takeSeat() }
      #expect(error?.reason == .limitReached && error?.isPassing == true && error?.metadata == ["max": "2"])
      world.desk.leave(seats[0])
      world.desk.leave(try world.desk.takeSeat())
      world.desk.leave(seats[1])
      #expect(world.desk.watcherCount == 0)
    }
  }
}

/// A value that several tasks share.
private final class Shared<Value: Sendable>: Sendable {
  private let shared: Mutex<Value>

  init(_ value: Value) { shared = Mutex(value) }

  var value: Value {
    get { shared.withLock { $0 } }
    set { shared.withLock { $0 = newValue } }
  }
}

/// Numbers that rise.
private final class Ticks: Sendable {
  private let number = Atomic<Int64>(0)

  func next() -> Int64 { number.wrappingAdd(1, ordering: .relaxed).newValue }
}
