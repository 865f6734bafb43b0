public import ProtobufRuntime

/// Sends the requests of a client-streaming or bidirectional call.
public struct RequestWriter<Message: ProtobufMessage>: Sendable {
  private let place: ClientCallPlace

  init(_ place: ClientCallPlace) {
    self.place = place
  }

  /// Sends one request. Waits while the server is too slow to take what is already queued, and until there is a connection.
  ///
  /// Without `compressed` it goes as it is, whatever `CallOptions.requestEncoding` says. Say so for what is compressed
  /// already, and for a secret beside text that someone else chooses.
  ///
  /// Throws the status of the call when it is over, and `CANCELLED` when the task is cancelled while it waits.
  public func write(_ message: Message, compressed: Bool = true) async throws(GRPCStatus) {
    var encoded = try MessageCoding.encode(message)
    if !compressed { encoded.isCompressible = false }
    try await LoopBoundSink(place).write(place.requestCompressor?.compressed(encoded) ?? encoded, patience: nil)
  }

  /// Says that there will be no more requests. Also done when the closure that was given the writer returns; a second
  /// time does nothing.
  public func finish() {
    place.finishRequests()
  }
}
