/// Hears what a server does, for logs and metrics. Called on event loops: it must be quick and must not block.
public protocol ServerObserver: Sendable {
  /// A client connected; `connection` is its number, as in the ids of its calls.
  func connectionOpened(_ connection: UInt64, peer: String)

  /// A connection ended; `reason` is nil when both sides had finished.
  func connectionClosed(_ connection: UInt64, peer: String, reason: String?)

  /// A client connected and was sent away before it could make a call: its TLS handshake failed, or there are too many
  /// connections.
  func connectionRefused(peer: String, reason: String)

  /// A certificate was loaded that is out of date; one line that names its file and says what to do.
  func certificateIsOutOfDate(_ message: String)

  /// Whether it wants to hear of calls that end. It is asked at each, so it may change its mind.
  var hearsCalls: Bool { get }

  /// A call ended.
  func callFinished(_ call: FinishedCall)

  /// A handler threw an error that is no status; the caller saw only what the configured mapping made of it.
  func handlerFailed(_ call: CallID, method: String, peer: String, error: any Error)
}
