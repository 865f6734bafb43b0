/// Why a session ended, or why a command was not carried out.
package struct HTTP2Error: Error, Hashable, Sendable {
  /// Who started it.
  package enum Origin: Hashable, Sendable {
    /// The peer broke the protocol.
    case peer
    /// The layer above asked for what the protocol or the session's state does not allow.
    case local
    /// Someone went past a named limit of `HTTP2Configuration`.
    case limit
  }

  package let origin: Origin

  /// The code the peer was told, or would be told.
  package let code: HTTP2ErrorCode

  /// What happened, in words fit for a log; never bytes of the peer.
  package let message: String

  /// What GOAWAY says besides the code (RFC 9113 §6.8, "debug data"): a word that other implementations know.
  package let debugText: String

  package init(_ origin: Origin, _ code: HTTP2ErrorCode, _ message: String, debugText: String = "") {
    self.origin = origin
    self.code = code
    self.message = message
    self.debugText = debugText
  }
}

extension HTTP2Error: CustomStringConvertible {
  package var description: String { "\(message) (\(code), by \(origin))" }
}
