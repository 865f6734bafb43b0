internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A small document on a web server: where it is, and who may say that it is the server.
///
/// It is asked for by HTTP/1.1 on a connection of its own, on the loops of the process and on none of a server's. Nothing is
/// followed, unpacked or kept.
package struct WebDocument: Sendable {
  /// The most bytes of an answer beside those of the document itself.
  static let overheadBytesMax = 64 * 1024

  /// The longest address.
  static let urlBytesMax = 2048

  /// The address, as it was given.
  package let url: String

  private let server: TransportAddress
  private let host: String
  private let port: Int
  private let hostField: String
  private let target: String
  private let tls: NIOSSLContext?

  /// Reads an address: https, or http on this machine.
  ///
  /// It blocks while it reads a file.
  ///
  /// - Parameter authorityFile: The authorities that may sign the server's certificate, in PEM; nil for those of the system.
  /// - Throws: `.failed` or `.badTLSFile`, with one line that says what is wrong, and what to do.
  package init(url: String, authorityFile: String? = nil) throws(TransportError) {
    func malformed(_ what: String) -> TransportError { TransportError(.failed, "\(url) \(what)") }
    guard url.utf8.count <= Self.urlBytesMax, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw TransportError(.failed, "the address is longer than \(Self.urlBytesMax) bytes, or not of printable ASCII")
    }
    guard let separator = url.firstRange(of: "://") else { throw malformed("is no address; write https://HOST/PATH") }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...]
    guard scheme == "https" || scheme == "http" else { throw malformed("is neither https nor http") }
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    // Not shown: a password is nobody's business.
    guard !authority.contains("@"), !rest.contains("#") else {
      throw TransportError(.failed, "the address holds a name with a password, or a part behind #; leave them out")
    }
    // An address in brackets may end in them.
    let hasPort = authority.split(separator: "]", omittingEmptySubsequences: false).last?.contains(":") ?? false
    let standard = scheme == "https" ? 443 : 80
    do throws(TransportAddressError) {
      server = try TransportAddress(parsing: hasPort ? String(authority) : "\(authority):\(standard)")
    } catch {
      throw malformed("names no server; write https://HOST/PATH")
    }
    guard case .tcp(let host, let port) = server, port != 0, !authority.isEmpty, !authority.hasPrefix(":") else {
      throw malformed("names no server; write https://HOST/PATH")
    }
    (self.url, self.host, self.port) = (url, host, port)
    hostField = String(authority)
    target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/\(rest[end...])"
    if scheme == "https" {
      tls = try Self.context(authorityFile)
    } else if server.isLocal {
      tls = nil
    } else {
      throw malformed("is not on this machine, and whoever is on the way could change what it says; use https")
    }
  }

  private static func context(_ authorityFile: String?) throws(TransportError) -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.applicationProtocols = ["http/1.1"]
    tls.renegotiationSupport = .none
    if let authorityFile {
      tls.trustRoots = .certificates(try TLSFile(path: authorityFile, purpose: "authority").certificates())
    }
    do {
      return try NIOSSLContext(configuration: tls)
    } catch {
      throw TransportError(.badTLSFile, "TLS cannot be set up: \(error)")
    }
  }

  /// Fetches the document. It ends at once if the task is cancelled.
  ///
  /// - Parameters:
  ///   - bytesMax: The most bytes of the document.
  ///   - timeout: How long it may take, from connecting to the last byte.
  /// - Throws: what the server is, or did, in one line.
  package func fetch(bytesMax: Int, timeout: Duration) async throws(TransportError) -> [UInt8] {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let promise = loop.makePromise(of: [UInt8].self)
    let connecting = ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout))
      // Nothing is read before it is known what becomes of it.
      .channelOption(.autoRead, value: false).connect(host: host, port: port)
    connecting.whenComplete { result in
      switch result {
      case .success(let channel): ask(channel, bytesMax, promise)
      case .failure(let error): promise.fail(TransportError(connectingTo: server, error))
      }
    }
    let timer = loop.scheduleTask(in: TimeAmount(timeout)) {
      promise.fail(TransportError(.timedOut, "\(url) does not answer within \(timeout)"))
    }
    // However it ends, nothing is left open.
    promise.futureResult.whenComplete { _ in
      timer.cancel()
      connecting.whenSuccess { $0.close(promise: nil) }
    }
    do {
      return try await withTaskCancellationHandler {
        try await promise.futureResult.get()
      } onCancel: {
        promise.fail(TransportError(.failed, "nobody waits for \(url) any longer"))
      }
    } catch {
      throw TLSFailure.fetching(from: url, error)
    }
  }

  /// Asks once there is a connection.
  private func ask(_ channel: any Channel, _ bytesMax: Int, _ promise: EventLoopPromise<[UInt8]>) {
    do {
      let pipeline = channel.pipeline.syncOperations
      if let tls {
        let name = host.isIPAddress ? nil : host
        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
      }
      try pipeline.addHandler(AnswerLimit(bytesMax: bytesMax + Self.overheadBytesMax, url: url))
      try pipeline.addHTTPClientHandlers(position: .last, leftOverBytesStrategy: .dropBytes)
      try pipeline.addHandler(AnswerReader(bytesMax: bytesMax, url: url, promise))
    } catch {
      return promise.fail(error)
    }
    channel.setOption(.autoRead, value: true).cascadeFailure(to: promise)
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target)
    head.headers = [
      "host": hostField, "accept": "application/json, application/jwk-set+json", "accept-encoding": "identity",
      "connection": "close", "user-agent": "plenaryd",
    ]
    channel.write(HTTPClientRequestPart.head(head), promise: nil)
    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
  }
}

/// Cuts an answer off that has more bytes than may be, whatever they are for.
private final class AnswerLimit: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private var bytesLeft: Int
  private let error: TransportError

  init(bytesMax: Int, url: String) {
    bytesLeft = bytesMax
    error = TransportError(.failed, "\(url) answers with more bytes than are taken")
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytesLeft -= unwrapInboundIn(data).readableBytes
    guard bytesLeft >= 0 else {
      context.fireErrorCaught(error)
      return context.close(promise: nil)
    }
    context.fireChannelRead(data)
  }
}

/// Puts the document together. Whoever fails the promise closes the channel.
private final class AnswerReader: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let bytesMax: Int
  private let url: String
  private let promise: EventLoopPromise<[UInt8]>
  private var document: [UInt8] = []

  init(bytesMax: Int, url: String, _ promise: EventLoopPromise<[UInt8]>) {
    (self.bytesMax, self.url, self.promise) = (bytesMax, url, promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard head.status == .ok else { return fail("answers with the status \(head.status.code)") }
      guard head.headers["content-encoding"].allSatisfy({ $0.lowercased() == "identity" }) else {
        return fail("answers with what is packed, which was not asked for")
      }
    case .body(let buffer):
      guard document.count + buffer.readableBytes <= bytesMax else {
        return fail("answers with more than \(bytesMax) bytes")
      }
      document.append(contentsOf: buffer.readableBytesView)
    case .end: promise.succeed(document)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail("closes the connection before it has answered")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case HTTPParserError.invalidEOFState = error { return channelInactive(context: context) }
    promise.fail(error)
  }

  private func fail(_ what: String) {
    promise.fail(TransportError(.failed, "\(url) \(what)"))
  }
}
