internal import HTTP2
internal import NIOCore

/// The memory of sessions, one for each loop of a group.
struct LoopMemories: Sendable {
  private let memories: [ObjectIdentifier: HTTP2Memory]

  init(_ group: any EventLoopGroup) {
    var memories: [ObjectIdentifier: HTTP2Memory] = [:]
    for loop in group.makeIterator() { memories[ObjectIdentifier(loop)] = HTTP2Memory() }
    self.memories = memories
  }

  /// The memory of a loop of the group.
  func memory(of loop: any EventLoop) -> HTTP2Memory {
    guard let memory = memories[ObjectIdentifier(loop)] else {
      preconditionFailure("a connection lives on a loop of another group")
    }
    return memory
  }
}
