package import HTTP2

/// A server and a client session joined in memory.
package final class LoopbackPipe {
  package let server: HTTP2Session
  package let client: HTTP2Session
  package let serverEvents = EventRecorder()
  package let clientEvents = EventRecorder()

  package init(
    server: HTTP2Configuration = HTTP2Configuration(), client: HTTP2Configuration = HTTP2Configuration(),
    serverMemory: HTTP2Memory = HTTP2Memory()
  ) {
    self.server = HTTP2Session(role: .server, configuration: server, memory: serverMemory)
    self.client = HTTP2Session(role: .client, configuration: client)
  }

  /// Carries bytes in both directions, at most `pieceBytes` at once, until neither side has anything to say.
  package func settle(pieceBytes: Int = 16 * 1024) throws(HTTP2Error) {
    while true {
      let request = client.produce(atMost: pieceBytes, delegate: clientEvents)
      try server.receive(request, now: 0, delegate: serverEvents)
      let response = server.produce(atMost: pieceBytes, delegate: serverEvents)
      try client.receive(response, now: 0, delegate: clientEvents)
      if request.isEmpty && response.isEmpty { return }
    }
  }
}
