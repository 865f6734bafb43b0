internal import NIOCore
internal import NIOTLS

/// Waits behind TLS for the handshake to end, and tells how it did, once.
///
/// What is behind it hears that the channel is active only by being added then.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private var ended: ((ChannelHandlerContext, Result<Void, any Error>) -> Void)?
  private var context: ChannelHandlerContext?

  /// Makes a handler that calls `ended` on the event loop: with success when TLS and HTTP/2 are agreed on.
  init(ended: @escaping (ChannelHandlerContext, Result<Void, any Error>) -> Void) {
    self.ended = ended
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let negotiated) = event else {
      return context.fireUserInboundEventTriggered(event)
    }
    end(context, negotiated == "h2" ? .success(()) : .failure(TLSProtocolMismatch(negotiated: negotiated)))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard ended != nil else { return context.fireErrorCaught(error) }
    end(context, .failure(error))
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(context, .failure(ChannelError.eof))
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end(context, .failure(ChannelError.eof))
    self.context = nil
  }

  /// Gives up; does nothing when the handshake has ended.
  func fail(_ error: any Error) {
    if let context { end(context, .failure(error)) }
  }

  private func end(_ context: ChannelHandlerContext, _ result: Result<Void, any Error>) {
    ended.take()?(context, result)
  }
}

/// The handshake ended without an agreement on HTTP/2.
struct TLSProtocolMismatch: Error {
  let negotiated: String?
}
