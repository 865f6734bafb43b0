package import NIOCore
internal import Synchronization

/// A call that messages are sent on; it lives on its connection's event loop.
package protocol SendingCall: AnyObject, SendableMetatype {
  /// Who waits for room on this call.
  var writers: WaitingWriters { get set }

  /// Queues a message.
  func send(_ message: EncodedMessage) -> SendOutcome

  /// Sends the headers, if they have not been sent.
  func sendInitialMetadata()
}

/// What became of a message.
package enum SendOutcome {
  /// It is queued, and there is room for more.
  case sent
  /// It is queued, and there is no room for more.
  case full
  /// The call is over; the message is dropped.
  case over(GRPCStatus)
}

/// Where to find a call from anywhere.
package protocol CallPlace: Sendable {
  associatedtype Call: SendingCall

  /// The loop the call lives on.
  var eventLoop: any EventLoop { get }

  /// The call; to be asked for on its loop.
  var call: Call { get }
}

extension NIOLoopBound: CallPlace where Value: SendingCall {
  package var call: Value { value }
}

/// The sink of a call: on the call's event loop it writes at once, from elsewhere it goes there first.
package struct LoopBoundSink<Place: CallPlace>: MessageSink {
  private let place: Place

  /// Makes the sink of a call.
  package init(_ place: Place) {
    self.place = place
  }

  package func write(_ message: EncodedMessage, patience: WritePatience?) async throws(GRPCStatus) {
    guard place.eventLoop.inEventLoop else {
      return try await wait(patience) { call, writer in call.finish(call.send(message), for: writer) }
    }
    switch place.call.send(message) {
    case .sent: return
    case .over(let status): throw status
    case .full: try await wait(patience) { call, writer in call.writers.add(writer) }
    }
  }

  package func sendInitialMetadata() {
    onLoop { $0.sendInitialMetadata() }
  }

  private func wait(
    _ patience: WritePatience?, _ begin: @escaping @Sendable (Place.Call, Writer) -> Void
  ) async throws(GRPCStatus) {
    let ticket = WriterTicket()
    let giveUp = { @Sendable in
      ticket.isCancelled.store(true, ordering: .releasing)
      // Not at once even on the loop: the writer may be about to be added.
      place.eventLoop.execute { place.call.writers.cancel(ticket) }
    }
    // What is to be sent is sent in any case; only the waiting behind it can be over before it begins.
    if let patience, !patience.begin(giveUp) { ticket.isCancelled.store(true, ordering: .releasing) }
    defer { patience?.finish() }
    let failure = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let writer = Writer(ticket: ticket, continuation: continuation)
        onLoop { begin($0, writer) }
      }
    } onCancel: {
      giveUp()
    }
    if let failure { throw failure }
  }

  private func onLoop(_ body: @escaping @Sendable (Place.Call) -> Void) {
    if place.eventLoop.inEventLoop {
      body(place.call)
    } else {
      place.eventLoop.execute { body(place.call) }
    }
  }
}

extension SendingCall {
  fileprivate func finish(_ outcome: SendOutcome, for writer: Writer) {
    switch outcome {
    case .sent: writer.resume(throwing: nil)
    case .over(let status): writer.resume(throwing: status)
    case .full: writers.add(writer)
    }
  }
}
