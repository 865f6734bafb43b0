import PlenaryAPI
import PlenaryStore
import PlenaryTestKit
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryDomain

/// The clients that may call, and the groups that let them in, as they are kept in memory.
@Suite(.timeLimit(.minutes(10))) struct ClientDirectoryTests {
  /// A store that has nothing in memory, and does something around the first part of the feed that is read.
  private struct HeldStore: StoreWrapper {
    let store: any Store
    let before: @Sendable () async -> Void
    let after: @Sendable () async -> Void
    private let count = Counter()

    private final class Counter: Sendable {
      let reads = Mutex(0)
    }

    init(
      _ store: any Store, before: @escaping @Sendable () async -> Void = {},
      after: @escaping @Sendable () async -> Void = {}
    ) {
      (self.store, self.before, self.after) = (store, before, after)
    }

    func feedInMemory(_ question: FeedQuestion) -> FeedPart? { nil }

    func feed<Teller: FeedTeller>(
      _ question: FeedQuestion, to teller: Teller
    ) async throws(StoreError) -> Teller.Told {
      let isFirst = count.reads.withLock { count in
        count += 1
        return count == 1
      }
      if isFirst { await before() }
      let told = try await store.feed(question, to: teller)
      if isFirst { await after() }
      return told
    }
  }

  private static let time = CommitTime(microseconds: TestRegistry.start)

  /// A directory that is set once it is made.
  private final class Place: Sendable {
    let directory = Mutex<ClientDirectory?>(nil)
  }

  /// Runs a test on a registry with a client that has a token.
  private func run(_ body: (TestRegistry, _ digest: [UInt8]) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.create(CreateClientRequest.with { ($0.clientID, $0.client) = ("desk", Client()) })
      let answer = try await test.registry.issueToken(.with { $0.name = "clients/desk" }, as: TestRegistry.caller)
      try await body(test, try #require(AccessToken(parsing: answer.response.token)).digest)
    }
  }

  private func change(_ test: TestRegistry, _ roles: [Client.Grant.Role]) async throws {
    try await test.update(
      UpdateClientRequest.with {
        $0.client = .with { ($0.name, $0.roles) = ("clients/desk", roles.map { role in .with { $0.role = role } }) }
        $0.updateMask = .init(paths: ["roles"])
      })
  }

  @Test func `what was read before somebody else came further is not taken in`() async throws {
    try await run { test, digest in
      let place = Place()
      let store = HeldStore(
        test.store,
        after: {
          // While the first one has its part in its hands, the client goes, and a second one takes that in.
          do {
            try await test.delete(DeleteClientRequest.with { $0.name = "clients/desk" })
            try await place.directory.withLock { $0 }?.catchUp()
          } catch { Issue.record(error) }
          #expect(place.directory.withLock { $0 }?.member(withDigest: digest, at: Self.time) == nil)
        })
      let directory = ClientDirectory(store)
      place.directory.withLock { $0 = directory }
      try await directory.load()
      #expect(directory.member(withDigest: digest, at: Self.time) != nil)
      try await change(test, [.editor])
      try await directory.catchUp()
      #expect(directory.member(withDigest: digest, at: Self.time) == nil)
    }
  }

  @Test func `who was overtaken goes on until all is taken in that had happened`() async throws {
    try await run { test, digest in
      let place = Place()
      let store = HeldStore(
        test.store,
        before: {
          // A second one takes in what there is; then more happens, which only the first one reads, from where it was.
          do {
            try await place.directory.withLock { $0 }?.catchUp()
            try await test.delete(DeleteClientRequest.with { $0.name = "clients/desk" })
          } catch { Issue.record(error) }
          #expect(place.directory.withLock { $0 }?.member(withDigest: digest, at: Self.time) != nil)
        })
      let directory = ClientDirectory(store)
      place.directory.withLock { $0 = directory }
      try await directory.load()
      try await change(test, [.editor])
      try await directory.catchUp()
      #expect(directory.member(withDigest: digest, at: Self.time) == nil)
    }
  }

  @Test func `many at once come to what is there`() async throws {
    try await run { test, digest in
      let directory = ClientDirectory(HeldStore(test.store))
      try await directory.load()
      let roles: [Client.Grant.Role] = [.reader, .editor, .publisher, .officer]
      for round in 0..<40 {
        try await change(test, [roles[round % 4]])
        _ = try await race(6) { _ in try await directory.catchUp() }
        let member = try #require(directory.member(withDigest: digest, at: Self.time))
        #expect(member.caller.rights.scopes(of: roles[round % 4]) == [""])
        if round % 4 < 3 { #expect(member.caller.rights.scopes(of: roles[round % 4 + 1]).isEmpty) }
      }
    }
  }

  // MARK: Groups

  /// The groups of an organization, worked out from all that there are.
  private func groups(of organization: String, among groups: [String: SharingGroup]) -> Set<String> {
    var found: Set<String> = []
    while true {
      let more = groups.filter { name, group in
        !found.contains(name)
          && (group.organizations.contains(organization) || group.groups.contains(where: found.contains))
      }
      if more.isEmpty { return found }
      found.formUnion(more.keys)
    }
  }

  @Test func `who may be in other groups is known without asking about everybody`() throws {
    var numbers = SeededNumbers(seed: 5)
    let (names, organizations) = ((0..<12).map { "sharingGroups/g\($0)" }, (0..<15).map { "organizations/o\($0)" })
    var (circles, all) = (SharingCircles(), [String: SharingGroup]())
    var touchedCount = 0
    for _ in 0..<400 {
      let name = names[Int.random(in: names.indices, using: &numbers)]
      let before = organizations.map { groups(of: $0, among: all) }
      let group: SharingGroup? =
        Int.random(in: 0..<5, using: &numbers) == 0
        ? nil
        : .with {
          $0.organizations = organizations.filter { _ in Int.random(in: 0..<10, using: &numbers) == 0 }
          // Also in circles, which the registry refuses but a file could hold.
          $0.groups = names.filter { _ in Int.random(in: 0..<12, using: &numbers) == 0 }
        }
      all[name] = group
      let touched = circles.take(group, named: name)
      touchedCount += touched.count
      for (index, organization) in organizations.enumerated() {
        let now = groups(of: organization, among: all)
        #expect(circles.groups(of: organization) == now)
        if now != before[index] { #expect(touched.contains(organization)) }
      }
      #expect(touched.allSatisfy { $0.hasPrefix("organizations/") })
    }
    #expect(touchedCount < 400 * organizations.count / 2)
  }

  @Test func `a group that changes costs as much as it changes, among many`() {
    var circles = SharingCircles()
    for number in 0..<1000 {
      _ = circles.take(
        .with {
          $0.organizations = (0..<20).map { "organizations/o\((number * 7 + $0) % 5000)" }
          $0.groups = number.isMultiple(of: 10) ? [] : ["sharingGroups/g\(number / 10 * 10)"]
        }, named: "sharingGroups/g\(number)")
    }
    let known = Dictionary(
      uniqueKeysWithValues: (0..<5000).map { ("organizations/o\($0)", circles.groups(of: "organizations/o\($0)")) })
    let more = SharingGroup.with {
      $0.organizations = (0..<20).map { "organizations/o\(3500 + $0)" } + ["organizations/o1", "organizations/new"]
    }
    let clock = ContinuousClock()
    var move = CircleMove([], in: circles, known)
    let time = clock.measure { move = CircleMove([.group("sharingGroups/g500", more)], in: circles, known) }
    let whole = clock.measure { for name in known.keys { _ = move.circles.groups(of: name) } }
    #expect(move.groups.keys.sorted() == ["organizations/o1"] && move.unknown == ["organizations/new"])
    // What everybody is in was worked out at each change before, while callers waited.
    #expect(time < whole / 5, "\(time) of \(whole)")
  }

  // MARK: Markings

  private func red(_ number: Int, recipients: Int = 1) throws -> PlenaryStore.Marking {
    try PlenaryAPI.Marking.with {
      $0.label = .red
      $0.recipients = (0..<recipients).map { "clients/\(number)-\($0)" }
    }.stored(originator: "organizations/o\(number)")
  }

  @Test func `markings are understood once for all clients, and take no more than is allowed`() throws {
    let audiences = KnownAudiences()
    let viewers = (0..<50).map {
      Standing(client: "clients/\($0)-0", organization: "organizations/o").viewer(knowing: audiences)
    }
    let markings = try (0..<200).map { try red($0) }
    for (index, viewer) in viewers.enumerated() {
      for (number, marking) in markings.enumerated() { #expect(viewer.sees(marking) == (index == number)) }
    }
    #expect(audiences.size.count == markings.count)
    // Large ones push the others out in time, and the answers stay the same.
    var mostBytes = 0
    for number in 1000..<1040 {
      let marking = try red(number, recipients: 20_000)
      #expect(viewers.allSatisfy { !$0.sees(marking) })
      mostBytes = max(mostBytes, audiences.size.bytes)
      #expect(audiences.size.bytes <= KnownAudiences.byteCountMax)
    }
    #expect(mostBytes > KnownAudiences.byteCountMax / 2)
    #expect(try viewers[3].sees(red(3)) && !viewers[3].sees(red(4)))
  }

  @Test func `what cannot be understood lets nobody in`() {
    let viewer = Standing(client: "clients/c", organization: "organizations/o").viewer()
    for label in [3, 4, 5, 6] as [Int32] {
      #expect(!viewer.sees(PlenaryStore.Marking(label: label, originator: "organizations/o", detail: [0xFF])))
    }
  }
}
