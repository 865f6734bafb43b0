package import GRPCRuntime
package import SocketTransport

/// A server on the loopback interface and channels to it, for the length of a test.
package struct LoopbackServer: Sendable {
  /// The server.
  package let server: GRPCServer
  /// Where it listens.
  package let address: TransportAddress
  /// The server's clock.
  package let clock: ManualClock

  /// Runs `body` with a server that answers `router`'s methods, and stops the server behind it.
  ///
  /// Throws what `body` throws, and `ServerLeak` when a call, a handler or a connection outlives the server.
  @discardableResult
  package static func run<Result>(
    _ router: Router, configuration: ServerConfiguration = ServerConfiguration(),
    observer: (any ServerObserver)? = nil, isolation: isolated (any Actor)? = #isolation,
    _ body: (LoopbackServer) async throws -> Result
  ) async throws -> Result {
    let clock = ManualClock()
    let server = GRPCServer(router: router, configuration: configuration, observer: observer, clock: clock)
    let address = try await server.listen(on: TransportAddress.tcp(host: "127.0.0.1", port: 0))
    let loopback = LoopbackServer(server: server, address: address, clock: clock)
    do {
      let result = try await body(loopback)
      try await loopback.stop()
      return result
    } catch {
      // What the test has found says more than what it leaves behind.
      try? await loopback.stop()
      throw error
    }
  }

  /// Runs `body` with a channel to the server, and closes the channel behind it. The channel has a clock of its own.
  @discardableResult
  package func withChannel<Result>(
    configuration: ChannelConfiguration = ChannelConfiguration(), clock: ManualClock = ManualClock(),
    isolation: isolated (any Actor)? = #isolation, _ body: (GRPCChannel) async throws -> Result
  ) async throws -> Result {
    try await GRPCChannel.run(to: address, configuration: configuration, clock: clock, body)
  }

  private func stop() async throws {
    if !server.isStopping { await server.stop(grace: .zero) }
    let census = server.census
    guard census == .empty else { throw ServerLeak(census: census) }
  }
}

/// A server was stopped and something of it is still there.
package struct ServerLeak: Error, CustomStringConvertible {
  package let census: ServerCensus

  package var description: String { "the server leaks: \(census)" }
}

extension GRPCChannel {
  /// Runs `body` with a channel to `address`, and closes the channel behind it.
  @discardableResult
  package static func run<Result>(
    to address: TransportAddress, configuration: ChannelConfiguration = ChannelConfiguration(),
    clock: ManualClock = ManualClock(), isolation: isolated (any Actor)? = #isolation,
    _ body: (GRPCChannel) async throws -> Result
  ) async throws -> Result {
    let channel = try GRPCChannel(target: address, configuration: configuration, clock: clock) { _ in 0 }
    do {
      let result = try await body(channel)
      await channel.close(grace: .zero)
      return result
    } catch {
      await channel.close(grace: .zero)
      throw error
    }
  }
}
