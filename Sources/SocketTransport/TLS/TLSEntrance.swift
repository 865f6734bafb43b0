internal import NIOCore
internal import NIOSSL

/// What a server's connection meets first where TLS is spoken. It lets nobody further who does not offer HTTP/2, which the
/// TLS library would; it bounds handshakes in number, bytes and time; and it sees to it that the reason of a refusal arrives.
///
///     greeting ──h2 offered──▶ handshaking ──done──▶ (it leaves the channel)
///         └───── refused ──────────┴── failed ──▶ refusing ──peer's end, or time──▶ closed
///
/// Invariants
/// - TLS is set up only for a client that has sent a whole ClientHello, so that a silent one costs next to nothing.
/// - `refusing`: our side is shut; what the client still sends is read and dropped, so that the system does not destroy
///   the alert together with it.
final class TLSEntrance: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How long a refused client may take to read why.
  static let refusalLinger: TimeAmount = .seconds(1)

  private enum Phase {
    case greeting, handshaking, refusing, closed
  }

  private let credentials: TLSServerCredentials
  private let begin: (ChannelHandlerContext) throws -> Void
  private let refusal: TLSRefusal
  private var phase = Phase.greeting
  private var hello: ClientHelloReader
  private var received: ByteBuffer?
  private var timer: Scheduled<Void>?
  private var isCounted = false

  /// Makes an entrance for one connection. `begin` sets up TLS behind this handler.
  init(
    _ credentials: TLSServerCredentials, refusal: TLSRefusal,
    begin: @escaping (ChannelHandlerContext) throws -> Void
  ) {
    self.credentials = credentials
    self.begin = begin
    self.refusal = refusal
    hello = ClientHelloReader(bytesMax: credentials.configuration.clientHelloBytesMax)
  }

  func channelActive(context: ChannelHandlerContext) {
    isCounted = credentials.handshakeMayBegin()
    guard isCounted else {
      refusal.tell("there are too many TLS handshakes under way")
      phase = .closed
      context.close(promise: nil)
      return
    }
    schedule(context, in: TimeAmount(credentials.configuration.handshakeTimeout)) { entrance, context in
      entrance.refusal.tell("the TLS handshake took too long")
      entrance.phase = .closed
      context.close(promise: nil)
    }
    context.fireChannelActive()
    context.read()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    if isCounted { credentials.handshakeEnded() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if phase == .greeting { refusal.tell("it went away before the TLS handshake") }
    phase = .closed
    timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch phase {
    case .greeting: greet(context, unwrapInboundIn(data))
    case .handshaking: context.fireChannelRead(data)
    case .refusing, .closed: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    switch phase {
    case .greeting, .refusing: context.read()
    case .handshaking: context.fireChannelReadComplete()
    case .closed: break
    }
  }

  /// TLS closes when the handshake has failed, and has sent its alert just before.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard mode == .all, phase == .handshaking || phase == .refusing else {
      return context.close(mode: mode, promise: promise)
    }
    // TLS has said what there is to say, and need not wait for the rest.
    promise?.succeed()
    if phase == .handshaking { linger(context) }
  }

  private func greet(_ context: ChannelHandlerContext, _ buffer: ByteBuffer) {
    received.setOrWriteImmutableBuffer(buffer)
    switch hello.read(buffer.readableBytesView) {
    case .needsMore: break
    case .proceed: proceed(context)
    case .notTLS:
      refusal.tell("it does not speak TLS")
      phase = .closed
      context.close(promise: nil)
    case .refuse(let alert):
      refusal.tell(alert.reason)
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: alert.record)), promise: nil)
      linger(context)
    }
  }

  private func proceed(_ context: ChannelHandlerContext) {
    phase = .handshaking
    do {
      try begin(context)
      if let received = received.take() { context.fireChannelRead(wrapInboundOut(received)) }
    } catch {
      refusal.tell("TLS cannot be set up: \(error)")
      context.close(promise: nil)
    }
  }

  private func linger(_ context: ChannelHandlerContext) {
    phase = .refusing
    received = nil
    context.close(mode: .output, promise: nil)
    schedule(context, in: Self.refusalLinger) { entrance, context in
      entrance.phase = .closed
      context.close(promise: nil)
    }
    context.read()
  }

  private func schedule(
    _ context: ChannelHandlerContext, in time: TimeAmount,
    _ body: @escaping @Sendable (TLSEntrance, ChannelHandlerContext) -> Void
  ) {
    timer?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: time) { body(bound.value.0, bound.value.1) }
  }
}

/// Tells once why a client is refused, whoever finds it out first.
final class TLSRefusal {
  private var listener: ((String) -> Void)?

  init(_ listener: @escaping (String) -> Void) {
    self.listener = listener
  }

  func tell(_ reason: String) {
    listener.take()?(reason)
  }
}

extension TLSAlert {
  fileprivate var reason: String {
    switch self {
    case .noApplicationProtocol: "it does not offer HTTP/2 (ALPN h2)"
    case .illegalParameter: "its ClientHello is too long, or offers protocols twice"
    case .unexpectedMessage, .recordOverflow, .decodeError: "its ClientHello is malformed"
    }
  }
}
