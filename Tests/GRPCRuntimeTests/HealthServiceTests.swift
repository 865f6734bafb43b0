import GRPCProtos
import GRPCRuntime
import GRPCServices
import GRPCTestKit
import ProtobufRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct HealthServiceTests {
  @Test func `the server and its services are checked by name`() async throws {
    try await run(HealthService(services: ["a.A"])) { (client, health) async throws in
      #expect(try await status(client, "") == .serving)
      #expect(try await status(client, "a.A") == .serving)
      #expect(await #expect(throws: GRPCStatus.self) { try await status(client, "a.B") }?.code == .notFound)
      health.set(.notServing, for: "a.A")
      #expect(try await status(client, "a.A") == .notServing)
      #expect(try await status(client, "") == .serving)
      health.set(.serving, for: "a.B")
      #expect(try await status(client, "a.B") == .serving)
    }
  }

  @Test func `a list names them all`() async throws {
    try await run(HealthService(services: ["a.A"])) { (client, health) async throws in
      let statuses = try await client.list(GRPCHealthListRequest()).statuses
      #expect(statuses.mapValues(\.status) == ["": .serving, "a.A": .serving])
      for index in 0..<98 { health.set(.serving, for: "s\(index)") }
      let longest = try await client.list(GRPCHealthListRequest()).statuses
      #expect(longest.count == HealthService.listMax)
      health.set(.serving, for: "one.more")
      let error = await #expect(throws: GRPCStatus.self) { try await client.list(GRPCHealthListRequest()) }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test func `a watch tells the status at once and at each change`() async throws {
    try await run(HealthService(services: [])) { (client, health) async throws in
      var changes = try client.watch(.with { $0.service = "a.A" }).makeAsyncIterator()
      #expect(try await changes.next()?.status == .serviceUnknown)
      health.set(.serving, for: "a.A")
      #expect(try await changes.next()?.status == .serving)
      health.set(.serving, for: "a.A")
      health.set(.notServing, for: "a.A")
      #expect(try await changes.next()?.status == .notServing)
    }
  }

  @Test func `draining tells the watches, ends them and stays`() async throws {
    try await run(HealthService(services: ["a.A"])) { (client, health) async throws in
      var changes = try client.watch(.with { $0.service = "a.A" }).makeAsyncIterator()
      #expect(try await changes.next()?.status == .serving)
      health.drain()
      #expect(try await changes.next()?.status == .notServing)
      let end = await end(of: &changes)
      #expect(end?.code == .unavailable)
      health.set(.serving, for: "a.A")
      #expect(try await status(client, "a.A") == .notServing)
      var late = try client.watch(GRPCHealthCheckRequest()).makeAsyncIterator()
      #expect(try await late.next()?.status == .notServing)
    }
  }

  private func status(_ client: GRPCHealthClient, _ service: String) async throws -> HealthService.Status {
    try await client.check(.with { $0.service = service }).status
  }

  private func end(
    of changes: inout ResponseStream<GRPCHealthCheckResponse>.AsyncIterator
  ) async -> GRPCStatus? {
    do throws(GRPCStatus) {
      _ = try await changes.next()
      return nil
    } catch {
      return error
    }
  }

  private func run(
    _ health: HealthService, _ body: (GRPCHealthClient, HealthService) async throws -> Void
  ) async throws {
    var router = Router()
    router.register(grpcHealth: health)
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        try await body(GRPCHealthClient(channel), health)
      }
    }
  }
}
