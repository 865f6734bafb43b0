public import ProtobufRuntime

/// Sends the requests of a client-streaming or bidirectional call.
public struct RequestWriter<Message: ProtobufMessage>: Sendable {
  private let place: ClientCallPlace

  init(_ place: ClientCallPlace) {
    self.place = place
  }

  /// Sends one request. Waits while the server is too slow to take what is already queued, and until there is a connection.
  ///
  /// Throws the status of the call when it is over, and `CANCELLED` when the task is cancelled while it waits.
  public func write(_ message: Message) async throws(GRPCStatus) {
    try await LoopBoundSink(place).write(MessageCoding.encode(message))
  }

  /// Says that there will be no more requests. Also done when the closure that was given the writer returns; a second
  /// time does nothing.
  public func finish() {
    place.finishRequests()
  }
}
