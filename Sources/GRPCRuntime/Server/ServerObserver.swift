/// Hears what a server does, for logs and metrics. Called on event loops: it must be quick and must not block.
public protocol ServerObserver: Sendable {
  /// A client connected.
  func connectionOpened(peer: String)

  /// A connection ended; `reason` is nil when both sides had finished.
  func connectionClosed(peer: String, reason: String?)

  /// A client connected and was sent away before it could make a call: its TLS handshake failed, or there are too many
  /// connections.
  func connectionRefused(peer: String, reason: String)

  /// A certificate was loaded that is out of date; one line that names its file and says what to do.
  func certificateIsOutOfDate(_ message: String)

  /// A call ended. `duration` runs from the request's headers to the status.
  func callFinished(method: String, peer: String, status: GRPCStatus, duration: Duration)

  /// A handler threw an error that is no status; the caller saw only what the configured mapping made of it.
  func handlerFailed(method: String, peer: String, error: any Error)
}
