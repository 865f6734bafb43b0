internal import NIOCore
internal import NIOPosix
package import SocketTransport

/// A TCP connection to a server, to say what no HTTP/2 implementation would, or nothing at all.
package final class RawSocket: Sendable {
  private let channel: any Channel
  private let incoming: AsyncStream<[UInt8]>

  private init(_ channel: any Channel, incoming: AsyncStream<[UInt8]>) {
    self.channel = channel
    self.incoming = incoming
  }

  /// Connects. A socket that does not read takes no byte more than fits into the system's buffers, which are made small.
  package static func connect(to address: TransportAddress, reads: Bool = true) async throws -> RawSocket {
    guard case .tcp(let host, let port) = address else { preconditionFailure("a raw socket speaks TCP") }
    let (incoming, chunk) = AsyncStream.makeStream(of: [UInt8].self)
    var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Receiver(chunk))
        }
      }
    if !reads { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4096) }
    return RawSocket(try await bootstrap.connect(host: host, port: port).get(), incoming: incoming)
  }

  /// Sends the preface and empty settings, and whatever comes behind them.
  package func open(_ frames: HTTP2Frame...) async throws {
    try await send(bytes: HTTP2Frame.preface + HTTP2Frame.settings().bytes)
    for frame in frames { try await send(bytes: frame.bytes) }
  }

  /// Sends frames.
  package func send(_ frames: HTTP2Frame...) async throws {
    for frame in frames { try await send(bytes: frame.bytes) }
  }

  /// Sends bytes.
  package func send(bytes: [UInt8]) async throws {
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
  }

  /// What the server says from here on, one frame at a time; nil when it has closed the connection.
  package func makeFrames() -> Frames {
    Frames(chunks: incoming.makeAsyncIterator())
  }

  /// Reads the rest of what the server says, until it closes.
  package func rest() async -> [HTTP2Frame] {
    var frames = makeFrames()
    var all: [HTTP2Frame] = []
    while let frame = await frames.next() { all.append(frame) }
    return all
  }

  /// Waits until the connection is gone.
  package func waitUntilClosed() async throws {
    try await channel.closeFuture.get()
  }

  /// Closes without a word.
  package func close() async {
    // `try?`: it fails when the server was quicker.
    try? await channel.close()
  }

  /// Cuts what arrives into frames.
  package struct Frames {
    fileprivate var chunks: AsyncStream<[UInt8]>.Iterator
    private var unread: ArraySlice<UInt8> = []

    fileprivate init(chunks: AsyncStream<[UInt8]>.Iterator) {
      self.chunks = chunks
    }

    /// The next frame.
    package mutating func next() async -> HTTP2Frame? {
      while true {
        if let frame = HTTP2Frame(takingFrom: &unread) { return frame }
        guard let chunk = await chunks.next() else { return nil }
        unread += chunk
      }
    }

    /// The next frame of this kind; those before it are dropped.
    package mutating func next(_ kind: HTTP2Frame.Kind) async -> HTTP2Frame? {
      while let frame = await next() {
        if frame.kind == kind { return frame }
      }
      return nil
    }
  }

  private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let chunk: AsyncStream<[UInt8]>.Continuation

    init(_ chunk: AsyncStream<[UInt8]>.Continuation) {
      self.chunk = chunk
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      chunk.yield(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
      chunk.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}

extension HTTP2Frame {
  /// What a GOAWAY says in words.
  package var goAwayText: String {
    String(decoding: payload.dropFirst(8), as: UTF8.self)
  }
}
