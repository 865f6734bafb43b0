internal import HTTP2

/// Thrown by a handler, it ends the call without a status, as networks do: for servers that clients are tested against.
package enum CallCut: Error, Sendable {
  /// The stream is reset (RFC 9113 §5.4.2).
  case stream
  /// The connection is closed, with every call on it, and nothing is said of it.
  case connection

  static let streamStatus = GRPCStatus(.internal, "the handler asked for its stream to be reset")
  static let connectionError = HTTP2Error(.local, .internalError, "a handler asked for its connection to be closed")
}
