internal import NIOCore
internal import Synchronization

/// What the calls of one event loop hold: its part of the server's load.
///
/// The event loop alone writes, with plain stores that cost nothing; everybody reads. Only the end of a call's object,
/// which may come on any thread, is counted by an atomic addition.
final class LoopLoad: Sendable {
  private let handlerCount = Atomic(0)
  private let memoryByteCount = Atomic(0)
  private let callsMade = Atomic(0)
  private let callsGone = Atomic(0)
  private let connectionsMade = Atomic(0)
  private let connectionsGone = Atomic(0)

  var handlers: Int { handlerCount.load(ordering: .relaxed) }
  var memoryBytes: Int { memoryByteCount.load(ordering: .relaxed) }
  /// Calls that are in memory, which is longer than they are open.
  var calls: Int { callsMade.load(ordering: .relaxed) - callsGone.load(ordering: .acquiring) }
  /// Connections that are in memory.
  var connections: Int { connectionsMade.load(ordering: .relaxed) - connectionsGone.load(ordering: .acquiring) }

  func addHandlers(_ change: Int) {
    handlerCount.store(handlerCount.load(ordering: .relaxed) + change, ordering: .relaxed)
  }

  func addMemory(_ change: Int) {
    memoryByteCount.store(memoryByteCount.load(ordering: .relaxed) + change, ordering: .relaxed)
  }

  func callMade() {
    callsMade.store(callsMade.load(ordering: .relaxed) + 1, ordering: .relaxed)
  }

  func callGone() {
    callsGone.wrappingAdd(1, ordering: .releasing)
  }

  func connectionMade() {
    connectionsMade.store(connectionsMade.load(ordering: .relaxed) + 1, ordering: .relaxed)
  }

  func connectionGone() {
    connectionsGone.wrappingAdd(1, ordering: .releasing)
  }
}

/// What the calls of a server hold, loop by loop.
struct ServerLoad: Sendable {
  private let loops: [ObjectIdentifier: LoopLoad]
  private let parts: [LoopLoad]

  init(_ group: any EventLoopGroup) {
    var loops: [ObjectIdentifier: LoopLoad] = [:]
    for loop in group.makeIterator() { loops[ObjectIdentifier(loop)] = LoopLoad() }
    self.loops = loops
    parts = Array(loops.values)
  }

  /// The part of one loop of the group.
  func part(of loop: any EventLoop) -> LoopLoad {
    guard let part = loops[ObjectIdentifier(loop)] else {
      preconditionFailure("a connection lives on a loop of another server")
    }
    return part
  }

  /// The parts of the other loops.
  func parts(besides part: LoopLoad) -> [LoopLoad] {
    parts.filter { $0 !== part }
  }

  /// What is in memory.
  var census: ServerCensus {
    ServerCensus(
      connections: parts.reduce(0) { $0 + $1.connections }, calls: parts.reduce(0) { $0 + $1.calls },
      handlers: parts.reduce(0) { $0 + $1.handlers }, memoryBytes: parts.reduce(0) { $0 + $1.memoryBytes })
  }
}

/// How much of a server is in memory. Behind `stop` it is all zero, unless something leaks.
package struct ServerCensus: Hashable, Sendable {
  package let connections: Int
  package let calls: Int
  package let handlers: Int
  package let memoryBytes: Int

  /// Nothing.
  package static let empty = ServerCensus(connections: 0, calls: 0, handlers: 0, memoryBytes: 0)
}
