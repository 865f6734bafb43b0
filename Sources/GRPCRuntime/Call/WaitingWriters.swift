import Synchronization

/// The writers of one call that wait until the peer has taken some of what is queued. Lives on the call's event loop.
package struct WaitingWriters {
  private var waiting: [Writer] = []

  /// Makes an empty list.
  package init() {}

  /// A writer begins to wait, unless its task was cancelled on the way here.
  mutating func add(_ writer: Writer) {
    if writer.isCancelled {
      writer.resume(throwing: .taskCancelled)
    } else {
      waiting.append(writer)
    }
  }

  /// A writer whose task was cancelled waits no longer. It may have been resumed before.
  mutating func cancel(_ ticket: WriterTicket) {
    guard let index = waiting.firstIndex(where: { $0.ticket === ticket }) else { return }
    waiting.remove(at: index).resume(throwing: .taskCancelled)
  }

  /// Nobody waits any longer; all get `status`, or may go on when it is nil.
  package mutating func resumeAll(throwing status: GRPCStatus? = nil) {
    guard !waiting.isEmpty else { return }
    let resumed = waiting
    waiting = []
    for writer in resumed { writer.resume(throwing: status) }
  }
}

/// A task that waits for room on a call.
struct Writer: Sendable {
  let ticket: WriterTicket
  let continuation: CheckedContinuation<GRPCStatus?, Never>

  var isCancelled: Bool { ticket.isCancelled.load(ordering: .acquiring) }

  func resume(throwing status: GRPCStatus?) {
    continuation.resume(returning: status)
  }
}

/// Names a writer before it waits, so that its cancellation finds it on whichever way it is.
final class WriterTicket: Sendable {
  let isCancelled = Atomic(false)
}
