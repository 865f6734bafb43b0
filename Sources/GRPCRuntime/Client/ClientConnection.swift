internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// One connection of a channel. It tells the channel when it takes no more calls; its calls live on until they end.
final class ClientConnection: HTTP2ConnectionDelegate {
  private let http2: HTTP2Connection
  private let core: ChannelCore

  init(_ http2: HTTP2Connection, core: ChannelCore) {
    self.http2 = http2
    self.core = core
  }

  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    // Only servers are sent requests.
    nil
  }

  func settingsReceived(_ settings: HTTP2PeerSettings) {
    // The session obeys them: calls past the server's limit wait in it.
  }

  func pingAcknowledged(_ payload: UInt64) {
    // A client sends no PING of its own.
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    // Calls the server did not take close with REFUSED_STREAM and begin again on another connection.
    core.connectionSays(http2, code, debugText)
    core.connectionLeaves(http2)
    http2.shutdown()
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    core.connectionEnded(http2, end)
  }
}
