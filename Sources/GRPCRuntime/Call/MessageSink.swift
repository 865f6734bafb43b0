/// Where the handler of a call, or its caller, puts what it sends. One call, one sink.
package protocol MessageSink: Sendable {
  /// Hands a message over. Waits while more than the named limit is queued for the peer.
  ///
  /// Throws the call's status when the call is over, and `CANCELLED` when the task is cancelled while it waits.
  ///
  /// With `patience`, others can end the waiting. The message is queued all the same, and `CANCELLED` is thrown.
  func write(_ message: EncodedMessage, patience: WritePatience?) async throws(GRPCStatus)

  /// Sends the headers now instead of with the first message.
  func sendInitialMetadata()
}
