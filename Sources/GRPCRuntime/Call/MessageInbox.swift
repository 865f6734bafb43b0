import Synchronization

/// The messages that arrived for a call and were not read yet.
///
/// The connection puts messages in, on its event loop; one task takes them out, wherever it runs, without a hop while
/// there is something to take.
///
/// Invariants:
/// - A reader waits only while nothing is queued and the end has not come.
/// - The bytes queued are bounded by the stream's flow-control window: credit goes back only for what was read.
package final class MessageInbox: Sendable {
  fileprivate struct State {
    var messages: [[UInt8]] = []
    /// The messages before this position have been taken.
    var taken = 0
    var end: End?
    var reader: CheckedContinuation<Result<[UInt8]?, GRPCStatus>, Never>?
  }

  fileprivate enum End {
    case finished
    case failed(GRPCStatus)
  }

  private let state = Mutex(State())
  private let onRead: @Sendable (Int) -> Void

  /// Makes an empty inbox. `onRead` is told the length of each message that was taken, on the reader's thread.
  package init(onRead: @escaping @Sendable (Int) -> Void) {
    self.onRead = onRead
  }

  /// Puts a message in. After the end it is dropped.
  package func put(_ message: [UInt8]) {
    let reader = state.withLock { state -> CheckedContinuation<Result<[UInt8]?, GRPCStatus>, Never>? in
      guard state.end == nil else { return nil }
      if let reader = state.reader.take() { return reader }
      state.messages.append(message)
      return nil
    }
    if let reader {
      onRead(message.count)
      reader.resume(returning: .success(message))
    }
  }

  /// Ends the stream: after the queued messages the reader gets nil.
  package func finish() {
    end(.finished, droppingQueue: false)?.resume(returning: .success(nil))
  }

  /// Breaks the stream: queued messages are dropped and the reader gets the status, now and ever after.
  package func fail(_ status: GRPCStatus) {
    end(.failed(status), droppingQueue: true)?.resume(returning: .failure(status))
  }

  /// The next message, or nil at the end.
  ///
  /// Throws the status the call failed with, or `CANCELLED` when the task is cancelled while it waits.
  package func next() async throws(GRPCStatus) -> [UInt8]? {
    if let ready = takeReady() { return try delivered(ready) }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        wait(continuation)
      }
    } onCancel: {
      cancelReader()
    }
    return try outcome.get()
  }

  private func takeReady() -> Result<[UInt8]?, GRPCStatus>? {
    state.withLock { $0.takeReady() }
  }

  private func delivered(_ ready: Result<[UInt8]?, GRPCStatus>) throws(GRPCStatus) -> [UInt8]? {
    let message = try ready.get()
    if let message { onRead(message.count) }
    return message
  }

  private func wait(_ continuation: CheckedContinuation<Result<[UInt8]?, GRPCStatus>, Never>) {
    let ready = state.withLock { state -> Result<[UInt8]?, GRPCStatus>? in
      if let ready = state.takeReady() { return ready }
      precondition(state.reader == nil, "two tasks read the messages of one call")
      // The cancellation handler may have run before there was a reader to wake.
      if Task.isCancelled { return .failure(GRPCStatus(.cancelled, "the task was cancelled")) }
      state.reader = continuation
      return nil
    }
    guard let ready else { return }
    if case .success(.some(let message)) = ready { onRead(message.count) }
    continuation.resume(returning: ready)
  }

  private func cancelReader() {
    let reader = state.withLock { $0.reader.take() }
    reader?.resume(returning: .failure(GRPCStatus(.cancelled, "the task was cancelled")))
  }

  private func end(
    _ end: End, droppingQueue: Bool
  ) -> CheckedContinuation<Result<[UInt8]?, GRPCStatus>, Never>? {
    state.withLock { state in
      guard state.end == nil || droppingQueue else { return nil }
      state.end = end
      if droppingQueue {
        state.messages = []
        state.taken = 0
      }
      return state.reader.take()
    }
  }
}

extension MessageInbox.State {
  mutating func takeReady() -> Result<[UInt8]?, GRPCStatus>? {
    if taken < messages.count {
      let message = messages[taken]
      messages[taken] = []
      taken += 1
      if taken == messages.count {
        messages.removeAll(keepingCapacity: true)
        taken = 0
      }
      return .success(message)
    }
    switch end {
    case .finished: return .success(nil)
    case .failed(let status): return .failure(status)
    case nil: return nil
    }
  }
}
