package import GRPCProtos
package import GRPCRuntime
internal import ProtobufRuntime
internal import Synchronization

/// `grpc.health.v1.Health`: tells load balancers and people whether this server, and each of its services, serves.
///
/// The empty name stands for the server as a whole. Once draining has begun, everything is NOT_SERVING for good.
package final class HealthService: GRPCHealth {
  /// What a service may say of itself.
  package typealias Status = GRPCHealthCheckResponse.ServingStatus

  /// How many services one List may name (gRPC A90).
  package static let listMax = 100

  private struct State {
    var statuses: [String: Status]
    var watches: [Int: Watch] = [:]
    var watchIDNext = 0
    var isDraining = false

    func status(forWatching service: String) -> Status {
      statuses[service] ?? (isDraining ? .notServing : .serviceUnknown)
    }
  }

  private struct Watch {
    let service: String
    let changes: AsyncStream<Status>.Continuation
  }

  private let state: Mutex<State>

  /// The server as a whole serves, and so do these services.
  package init(services: [String]) {
    var statuses: [String: Status] = ["": .serving]
    for service in services { statuses[service] = .serving }
    state = Mutex(State(statuses: statuses))
  }

  /// Sets the status of a service, which becomes known by it, or of the server as a whole. While draining it has no effect.
  package func set(_ status: Status, for service: String) {
    state.withLock { state in
      guard !state.isDraining, state.statuses[service] != status else { return }
      state.statuses[service] = status
      for watch in state.watches.values where watch.service == service { watch.changes.yield(status) }
    }
  }

  /// The server is about to stop: everything is NOT_SERVING, and watches end behind telling so, for they would hold the
  /// server back until its grace is over.
  package func drain() {
    state.withLock { state in
      state.isDraining = true
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      for watch in state.watches.values {
        watch.changes.yield(state.status(forWatching: watch.service))
        watch.changes.finish()
      }
    }
  }

  /// The status of one service. Unknown services are NOT_FOUND.
  package func check(_ request: GRPCHealthCheckRequest, context: CallContext) async throws -> GRPCHealthCheckResponse {
    guard let status = state.withLock({ $0.statuses[request.service] }) else {
      throw GRPCStatus(.notFound, "there is no service \"\(request.service)\" here")
    }
    return .with { $0.status = status }
  }

  /// The status of all services, unless they are too many.
  package func list(_ request: GRPCHealthListRequest, context: CallContext) async throws -> GRPCHealthListResponse {
    let statuses = state.withLock { $0.statuses }
    guard statuses.count <= Self.listMax else {
      throw GRPCStatus(.resourceExhausted, "there are more than \(Self.listMax) services to list")
    }
    return .with { response in
      response.statuses = statuses.mapValues { status in .with { $0.status = status } }
    }
  }

  /// The status of one service now and at each change. An unknown service is SERVICE_UNKNOWN until it is known.
  package func watch(
    _ request: GRPCHealthCheckRequest, responses: ResponseWriter<GRPCHealthCheckResponse>, context: CallContext
  ) async throws {
    let (id, changes) = beginWatch(request.service)
    defer { state.withLock { _ = $0.watches.removeValue(forKey: id) } }
    for await status in changes {
      try await responses.write(.with { $0.status = status })
    }
    try Task.checkCancellation()
    throw GRPCStatus(.unavailable, "the server is shutting down")
  }

  /// A watcher that reads slowly misses what has changed again meanwhile, and never the last change.
  private func beginWatch(_ service: String) -> (id: Int, changes: AsyncStream<Status>) {
    let (changes, continuation) = AsyncStream.makeStream(of: Status.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.watchIDNext += 1
      state.watches[state.watchIDNext] = Watch(service: service, changes: continuation)
      continuation.yield(state.status(forWatching: service))
      if state.isDraining { continuation.finish() }
      return state.watchIDNext
    }
    return (id, changes)
  }
}
