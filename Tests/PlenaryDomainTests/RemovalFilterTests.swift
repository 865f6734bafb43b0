import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

/// What calls remove that choose records by where themes stand, while themes move.
@Suite struct RemovalFilterTests {
  /// A registry in which something else happens right before its first write.
  private func registry(
    of test: TestRegistry, meanwhile body: @escaping @Sendable () async throws -> Void
  ) -> Registry {
    let isFirst = Mutex(true)
    let store = WatchedStore(
      test.store,
      beforeCommit: {
        let isNow = isFirst.withLock { first in
          defer { first = false }
          return first
        }
        guard isNow else { return }
        do { try await body() } catch { Issue.record(error) }
      })
    return Registry(
      store: store, now: { CommitTime(microseconds: TestRegistry.start) },
      randomBytes: { Array(repeating: 0, count: $0) })
  }

  /// The themes `top` and `kept`, one below each, and a dialogue about each of the two.
  private func seed(_ test: TestRegistry) async throws {
    try await test.seed(
      Sample.theme("top"), Sample.theme("kept"), Sample.theme("t1", broader: ["themes/top"]),
      Sample.theme("t2", broader: ["themes/kept"]), Sample.dialogue("d1", themes: ["themes/t1"]),
      Sample.dialogue("d2", themes: ["themes/t2"]))
  }

  /// Moves a theme below another.
  private func move(_ id: String, below broader: String, _ test: TestRegistry) async throws {
    try await test.update(
      UpdateThemeRequest.with { $0.theme = .with { ($0.name, $0.broader) = ("themes/\(id)", ["themes/\(broader)"]) } })
  }

  /// A call that describes a source and no dialogue, so that the filter alone decides which dialogues stay.
  private func pruning(_ filter: String) throws -> ApplyResourcesRequest {
    var request = ApplyResourcesRequest()
    request.records = [try Record(holding: Sample.source())]
    request.prune = .with { ($0.resourceTypes, $0.filter) = (["plenary.registry/Dialogue"], filter) }
    return request
  }

  private func deleted(by reply: ApplyReply) -> [String] {
    reply.response.items.filter { $0.action == .delete }.map(\.name)
  }

  @Test func `a prune asks where themes stand when it writes`() async throws {
    try await TestRegistry.run { test in
      try await seed(test)
      let registry = registry(of: test) {
        try await move("t1", below: "kept", test)
        try await move("t2", below: "top", test)
      }
      let reply = try await registry.apply(try pruning("under(themes/top)"), as: TestRegistry.caller)
      #expect(deleted(by: reply) == ["dialogues/d2"])
      #expect(try await test.names(ListDialoguesRequest()) == ["dialogues/d1"])
    }
  }

  @Test func `a purge asks where themes stand when it writes`() async throws {
    try await TestRegistry.run { test in
      try await seed(test)
      for id in ["d1", "d2"] { try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/\(id)" }) }
      let registry = registry(of: test) {
        try await move("t1", below: "kept", test)
        try await move("t2", below: "top", test)
      }
      let request = PurgeDialoguesRequest.with { ($0.filter, $0.force) = ("under(themes/top)", true) }
      let reply = try await registry.purge(request, as: TestRegistry.caller)
      #expect(reply.count == 1 && reply.sample == ["dialogues/d2"])
      #expect(try await test.names(ListDialoguesRequest.with { $0.showDeleted = true }) == ["dialogues/d1"])
    }
  }

  @Test func `of a prune and a move of themes at once, one comes first`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await seed(test)
        let outcome = try await race(2) { index in
          if index == 0 {
            _ = try await test.registry.apply(try pruning("under(themes/top)"), as: TestRegistry.caller)
          } else {
            try await move("t2", below: "top", test)
          }
        }
        #expect(outcome.successes == 2)
        // Both dialogues if the theme moved first, the one if not; never the one that was never below.
        let left = try await test.names(ListDialoguesRequest())
        #expect(left.isEmpty || left == ["dialogues/d2"])
      }
    }
  }

  @Test func `a repeated prune answers although the theme that it asked for is gone`() async throws {
    try await TestRegistry.run { test in
      try await seed(test)
      var request = try pruning("under(themes/t1)")
      request.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let first = try await test.registry.apply(request, as: TestRegistry.caller)
      #expect(deleted(by: first) == ["dialogues/d1"])
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      let purge = PurgeThemesRequest.with { ($0.filter, $0.force) = ("*", true) }
      _ = try await test.registry.purge(purge, as: TestRegistry.caller)
      let second = try await test.registry.apply(request, as: TestRegistry.caller)
      #expect(second.isReplay && deleted(by: second) == ["dialogues/d1"])
    }
  }
}
