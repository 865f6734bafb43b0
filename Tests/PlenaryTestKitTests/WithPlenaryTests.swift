import GRPCProtos
import GRPCRuntime
import GoogleAPI
import HarnessProtos
import PlenaryClient
import PlenaryTestKit
import ProtobufRuntime
import Synchronization
import Testing

/// What `withPlenary` promises to tests in Swift.
@Suite struct WithPlenaryTests {
  private static func theme(_ label: String) -> Theme {
    .with {
      $0.scheme = "samples"
      $0.prefLabel = .with {
        $0.values = ["en": label]
        $0.originalLanguage = "en"
      }
    }
  }

  private func isGone(_ address: String) async throws -> Bool {
    let refusal = await #expect(throws: GRPCStatus.self) {
      try await RegistryClient.withConnection(to: address) { try await $0.exportRecords() }
    }
    return refusal?.code == .unavailable
  }

  @Test func `fifty registries at once share nothing`() async throws {
    let labels = try await withThrowingTaskGroup(of: [String].self) { group in
      for number in 0..<50 {
        group.addTask {
          try await withPlenary(clock: .manual) { client, harness in
            _ = try await client.themes.create(Self.theme("Theme \(number)"), id: "mine")
            try harness.clock.advance(by: .seconds(number))
            let all = try await client.exportRecords().records
            #expect(harness.clock.time.seconds == HarnessClock.manualStart.seconds + Int64(number))
            return all.map { record in
              guard case .theme(let theme) = record.kind else { return "" }
              return theme.prefLabel?.values["en"] ?? ""
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(labels) == Set((0..<50).map { ["Theme \($0)"] }))
  }

  @Test func `the same calls give the same bytes, and another seed gives others`() async throws {
    func run(seed: UInt64) async throws -> (records: [[UInt8]], theme: Theme, revision: String) {
      try await withPlenary(example: true, clock: .manual, seed: seed) { client, harness in
        try harness.clock.advance(by: .milliseconds(1500))
        let theme = try await client.themes.create(Self.theme("One"), id: "one")
        let export = try await client.exportRecords()
        return (try export.records.map { try $0.serializedBytes() }, theme, theme.revision)
      }
    }
    let (first, second, other) = (try await run(seed: 7), try await run(seed: 7), try await run(seed: 8))
    #expect(first.records == second.records)
    #expect(first.theme == second.theme)
    #expect(first.theme.uid != other.theme.uid && first.theme.etag != other.theme.etag)
    #expect(first.revision != other.revision)
    #expect(
      first.theme.createTime
        == .with {
          $0.seconds = 1_767_225_601; $0.nanos = 500_000_000
        })
  }

  @Test func `what the body throws comes out, and the registry is gone`() async throws {
    struct Stop: Error {}
    let address = Mutex("")
    await #expect(throws: Stop.self) {
      try await withPlenary { plenary in
        address.withLock { $0 = plenary.address }
        _ = try await plenary.registry.themes.create(Self.theme("Lost"), id: "lost")
        throw Stop()
      }
    }
    #expect(try await isGone(address.withLock { $0 }))
  }

  @Test func `a test that is cancelled leaves no registry behind`() async throws {
    let (started, begin) = AsyncStream.makeStream(of: String.self)
    let task = Task {
      try await withPlenary { client, harness in
        begin.yield(harness.address)
        for await _ in AsyncStream.makeStream(of: Never.self).stream {}
        try Task.checkCancellation()
      }
    }
    var addresses = started.makeAsyncIterator()
    let address = try #require(await addresses.next())
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await isGone(address))
  }

  @Test func `states come back with everything that follows from them`() async throws {
    try await withPlenary(example: true, clock: .manual) { client, harness in
      let started = try await client.exportRecords().records
      let one = try await client.themes.create(Self.theme("One"), id: "one")
      try await harness.takeSnapshot("one-theme")
      try harness.clock.advance(by: .seconds(60))
      let two = try await client.themes.create(Self.theme("Two"), id: "two")
      try await harness.restore("one-theme")
      #expect(try await client.themes.get("themes/one") == one)
      let refusal = await #expect(throws: GRPCStatus.self) { try await client.themes.get("themes/two") }
      #expect(refusal?.code == .notFound)
      try harness.clock.advance(by: .seconds(60))
      #expect(try await client.themes.create(Self.theme("Two"), id: "two") == two)
      try await harness.reset()
      #expect(harness.clock.time == HarnessClock.manualStart)
      #expect(try await client.exportRecords().records == started)
      #expect(try await client.themes.create(Self.theme("One"), id: "one") == one)
      try await harness.reset(to: .empty)
      #expect(try await client.exportRecords().records == [])
      try await harness.reset(to: .example)
      #expect(try await client.exportRecords().records == started)
    }
  }

  @Test func `a call under way ends when the state is replaced`() async throws {
    try await withPlenary { plenary in
      let (answers, writer) = AsyncStream.makeStream(of: Void.self)
      let watch = Task {
        let responses = try plenary.registry.channel.serverStreaming(
          GRPCHealthDefinition.watch, GRPCHealthCheckRequest())
        for try await _ in responses { writer.yield() }
      }
      var seen = answers.makeAsyncIterator()
      await seen.next()
      try await plenary.harness.reset()
      let status = await #expect(throws: GRPCStatus.self) { try await watch.value }
      #expect(status?.code == .unavailable)
      #expect(try await plenary.registry.exportRecords().records == [])
    }
  }

  @Test func `faults strike the calls they are for, and calls are recorded`() async throws {
    try await withPlenary { client, harness in
      try harness.recordCalls("*/CreateTheme")
      try harness.inject(
        .with {
          $0.method = "plenary.v1.ThemeService/CreateTheme"
          $0.end = .status(
            .with {
              $0.code = 14
              $0.message = "away"
            })
          $0.callCountMax = 1
        })
      let refusal = await #expect(throws: GRPCStatus.self) {
        try await client.themes.create(Self.theme("One"), id: "one")
      }
      #expect(refusal?.code == .unavailable && refusal?.message == "away")
      _ = try await client.themes.create(Self.theme("One"), id: "one")
      #expect(harness.faults == [])
      let full = try harness.inject(
        .with {
          $0.method = "*"
          $0.diskFull = true
        })
      let noRoom = await #expect(throws: GRPCStatus.self) {
        try await client.themes.create(Self.theme("Two"), id: "two")
      }
      #expect(noRoom?.code == .resourceExhausted)
      #expect(try await client.exportRecords().records.count == 1)
      #expect(try harness.clearFaults(full.id).map(\.callCount) == [2])
      harness.stopRecording()
      #expect(harness.calls.map(\.statusCode) == [14, 0, 8])
      #expect(harness.calls.map(\.faultIDs) == [["fault-1"], [], ["fault-2"]])
      let request = try CreateThemeRequest(serializedBytes: harness.calls[1].request)
      #expect(request.themeID == "one")
      #expect(harness.calls[1].metadataKeys.allSatisfy { $0 == $0.lowercased() })
    }
  }
}
