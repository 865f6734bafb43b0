internal import HTTP2
internal import SocketTransport

/// A connection there is no room for. It is told so by SETTINGS and GOAWAY, and serves nothing.
final class RefusedConnection: HTTP2ConnectionDelegate {
  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    nil
  }

  func settingsReceived(_ settings: HTTP2PeerSettings) {
    // Nothing will be sent that could break them.
  }

  func pingAcknowledged(_ payload: UInt64) {
    // It is sent no PING.
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    // It is leaving anyhow.
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    // The observer heard of its refusal; nothing waits for its end.
  }
}

extension ConnectionRegister.Refusal {
  /// For the observer.
  var reason: String {
    switch self {
    case .server: "the server has as many connections as it may"
    case .peer: "the peer has as many connections as it may"
    }
  }
}
