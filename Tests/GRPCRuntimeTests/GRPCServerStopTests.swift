import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Synchronization
import Testing
import TestProtos

/// How a server ends.
@Suite(.timeLimit(.minutes(10))) struct GRPCServerStopTests {
  @Test func `calls under way finish, and new ones are not taken`() async throws {
    let begun = Gate()
    let mayAnswer = Gate()
    let router = Router.saying { request, _ in
      begun.open()
      await mayAnswer.wait()
      return request
    }
    let clock = ManualClock()
    let server = GRPCServer(router: router, configuration: ServerConfiguration(), observer: nil, clock: clock)
    // Not a port: that could be another server's by the time the client tries it again.
    let address = try await server.listen(on: .unusedSocket())
    let client = try await RawClient.connect(to: address)
    async let answer = client.exchange(sayHeaders, body: emptyMessage)
    await begun.wait()
    async let stopped: Void = server.stop(grace: .seconds(10))
    // The connection's timer and the one of the grace.
    await clock.waitForTimers(2)
    await #expect(throws: (any Error).self) { try await RawClient.connect(to: address) }
    mayAnswer.open()
    #expect(try await answer.trailer("grpc-status") == "0")
    await client.waitUntilClosed()
    await stopped
    #expect(clock.timerCount == 0)
  }

  @Test func `behind the grace the handlers are cancelled`() async throws {
    let begun = Gate()
    let cancelled = Gate()
    let router = Router.saying { request, _ in
      begun.open()
      await cancelled.waitForCancellation()
      return request
    }
    let clock = ManualClock()
    let server = GRPCServer(router: router, configuration: ServerConfiguration(), observer: nil, clock: clock)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let client = try await RawClient.connect(to: address)
    async let answer = client.exchange(sayHeaders, body: emptyMessage)
    await begun.wait()
    async let stopped: Void = server.stop(grace: .seconds(10))
    // The connection's timer and the one of the grace.
    await clock.waitForTimers(2)
    clock.advance(by: .seconds(10))
    await cancelled.wait()
    #expect(try await answer.closure.origin == .connection)
    await stopped
  }

  @Test func `under load, every call whose handler began is answered`() async throws {
    let started = Mutex(0)
    let isLoaded = Gate()
    let router = Router.saying { request, _ in
      let count = started.withLock { count in
        count += 1
        return count
      }
      if count == 2000 { isLoaded.open() }
      // Some handlers take a few turns of the event loop.
      for _ in 0..<request.n { await Task.yield() }
      return request
    }
    let clock = ManualClock()
    var configuration = ServerConfiguration()
    configuration.threads = 2
    let server = GRPCServer(router: router, configuration: configuration, observer: nil, clock: clock)
    let address = try await server.listen(on: .unusedSocket())
    let answered = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 { group.addTask { try await Self.call(address) } }
      await isLoaded.wait()
      await server.stop(grace: .seconds(3600))
      return try await group.reduce(0, +)
    }
    #expect(answered == started.withLock { $0 })
    #expect(server.census == .empty)
  }

  /// Calls on a channel of its own, sixteen at a time, until the server is gone; returns how many were answered.
  private static func call(_ address: TransportAddress) async throws -> Int {
    try await GRPCChannel.run(to: address) { channel in
      await withTaskGroup(of: Int.self) { group in
        for index in 0..<16 { group.addTask { await call(channel, KitEchoMsg.with { $0.n = Int64(index % 4) }) } }
        return await group.reduce(0, +)
      }
    }
  }

  private static func call(_ channel: GRPCChannel, _ message: KitEchoMsg) async -> Int {
    var count = 0
    do {
      while try await channel.unary(KitEchoDefinition.say, message) == message { count += 1 }
    } catch {
      #expect(error.code == .unavailable)
    }
    return count
  }

  @Test func `it waits for handlers that run on after their connection`() async throws {
    let begun = Gate()
    let mayEnd = Gate()
    let ended = Mutex(false)
    let router = Router.saying { request, _ in
      begun.open()
      await mayEnd.wait()
      ended.withLock { $0 = true }
      return request
    }
    let server = GRPCServer(router: router)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    let client = try await RawClient.connect(to: address)
    async let answer = client.exchange(sayHeaders, body: emptyMessage)
    await begun.wait()
    async let stopped: Void = server.stop(grace: .zero)
    await client.waitUntilClosed()
    #expect(!ended.withLock { $0 })
    mayEnd.open()
    await stopped
    #expect(ended.withLock { $0 })
    _ = try await answer
  }

  @Test func `a server without connections stops at once`() async throws {
    let server = GRPCServer(router: Router())
    try await server.listen(on: "127.0.0.1:0")
    await server.stop(grace: .seconds(3600))
  }

  @Test func `a port that is taken is named`() async throws {
    let server = GRPCServer(router: Router())
    let address = try await server.listen(on: "127.0.0.1:0")
    let other = GRPCServer(router: Router())
    let error = await #expect(throws: (any Error).self) { try await other.listen(on: address) }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains(address))
    await other.stop(grace: .zero)
    await server.stop(grace: .zero)
  }
}
