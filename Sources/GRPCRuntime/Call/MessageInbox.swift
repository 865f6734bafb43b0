import Synchronization

/// The messages that arrived for a call and were not read yet.
///
/// The connection puts messages in, on its event loop; one task takes them out, wherever it runs, without a hop while
/// there is something to take.
///
/// Invariants:
/// - A reader waits only while nothing is queued and the end has not come. It is only woken: what it gets, it takes out
///   under the lock, so whatever happened to a message before is seen by whoever reads it.
/// - There is one end. An end in order, `finish`, stands behind the queued messages; only `fail` drops them.
/// - What is queued is bounded by the call's `ReceiveCredit`: the peer gets room only for what was read.
package final class MessageInbox: Sendable {
  private typealias Outcome = Result<ReceivedMessage?, GRPCStatus>

  private struct State {
    var queue: [Entry] = []
    /// The entries before this position have been taken.
    var taken = 0
    var end: Outcome?
    var reader: CheckedContinuation<Void, Never>?
    /// The reader was cancelled while it waited.
    var isGivenUp = false
    var lastWasCompressed = false

    /// What a reader gets without waiting, and the charge of the message in it.
    mutating func takeReady() -> (outcome: Outcome, charge: Int?)? {
      guard taken < queue.count else { return end.map { ($0, nil) } }
      let entry = queue[taken]
      queue[taken].message.bytes = []
      lastWasCompressed = entry.message.isCompressed
      taken += 1
      if taken == queue.count {
        queue.removeAll(keepingCapacity: true)
        taken = 0
      }
      return (.success(entry.message), entry.charge)
    }
  }

  private struct Entry {
    var message: ReceivedMessage
    let charge: Int
  }

  private let state = Mutex(State())
  private let compressor: MessageCompressor
  private let onRead: @Sendable (Int) -> Void

  /// Makes an empty inbox. `compressor` inflates what is read and came compressed; `onRead` is told the charge of each
  /// message that was read, on the reader's thread.
  package init(compressor: MessageCompressor, onRead: @escaping @Sendable (Int) -> Void) {
    self.compressor = compressor
    self.onRead = onRead
  }

  /// Whether the message that was read last came compressed.
  package var lastWasCompressed: Bool {
    state.withLock { $0.lastWasCompressed }
  }

  /// Puts a message in; reading it will be told to `onRead` with `charge`. After the end it is dropped.
  package func put(_ message: ReceivedMessage, charge: Int) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.end == nil else { return nil }
      state.queue.append(Entry(message: message, charge: charge))
      return state.reader.take()
    }
    reader?.resume()
  }

  /// Ends the stream: behind the queued messages the reader gets nil.
  package func finish() {
    finish(.success(nil))
  }

  /// Ends the stream with a status that came in order: behind the queued messages the reader gets it, now and ever after.
  package func finish(with status: GRPCStatus) {
    finish(.failure(status))
  }

  private func finish(_ end: Outcome) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.end == nil else { return nil }
      state.end = end
      return state.reader.take()
    }
    reader?.resume()
  }

  /// Breaks the stream: queued messages are dropped, and the reader gets the status now and ever after. A stream that
  /// has ended and was read to its end keeps that end.
  package func fail(_ status: GRPCStatus) {
    let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.end != nil && state.queue.isEmpty { return nil }
      state.end = .failure(status)
      state.queue = []
      state.taken = 0
      return state.reader.take()
    }
    reader?.resume()
  }

  /// The next message, inflated, or nil at the end.
  ///
  /// Throws the status the call failed with, `CANCELLED` when the task is cancelled while it waits, and what
  /// `MessageCompressor` says of a message that cannot be inflated.
  package func next() async throws(GRPCStatus) -> [UInt8]? {
    while true {
      let (ready, isGivenUp) = state.withLock { state in
        let ready = state.takeReady()
        defer { state.isGivenUp = false }
        return (ready, state.isGivenUp)
      }
      if let (outcome, charge) = ready {
        if let charge { onRead(charge) }
        return try contents(outcome)
      }
      if isGivenUp { throw .taskCancelled }
      await withTaskCancellationHandler {
        await withCheckedContinuation { wait($0) }
      } onCancel: {
        let reader = state.withLock { state in
          let reader = state.reader.take()
          if reader != nil { state.isGivenUp = true }
          return reader
        }
        reader?.resume()
      }
    }
  }

  private func contents(_ outcome: Outcome) throws(GRPCStatus) -> [UInt8]? {
    guard let message = try outcome.get() else { return nil }
    return try compressor.contents(of: message)
  }

  private func wait(_ continuation: CheckedContinuation<Void, Never>) {
    let isReady = state.withLock { state in
      if state.taken < state.queue.count || state.end != nil { return true }
      // The cancellation handler may have run before there was a reader to wake.
      if Task.isCancelled {
        state.isGivenUp = true
        return true
      }
      precondition(state.reader == nil, "two tasks read the messages of one call at the same time")
      state.reader = continuation
      return false
    }
    if isReady { continuation.resume() }
  }
}

extension GRPCStatus {
  /// The task that waited was cancelled.
  package static let taskCancelled = GRPCStatus(.cancelled, "the task was cancelled")
}
