package import HTTP2

/// What a request's headers ask for, read and judged.
package struct RequestHead: ~Copyable {
  /// The method.
  package let route: Route

  /// The caller's metadata.
  package let metadata: Metadata

  /// The time the caller allows.
  package let timeout: Duration?

  /// How the request's messages are compressed.
  package let encoding: MessageEncoding

  /// Whether the caller can read responses by gzip.
  package let acceptsGzip: Bool

  /// The size of the header list, as HTTP/2 counts it.
  package let headerListBytes: Int

  /// Why a request cannot become a call.
  package struct Refusal: Error {
    /// What is answered to it: the status of HTTP or of gRPC, and the stream ends.
    package let answer: HTTP2HeaderList

    fileprivate init(_ answer: HTTP2HeaderList) {
      self.answer = answer
    }

    fileprivate init(_ status: GRPCStatus, _ metadata: Metadata = Metadata()) {
      answer = StatusHeaders.trailersOnly(status, metadata)
    }
  }

  private static let methodNotAllowed: HTTP2HeaderList = [":status": "405", "allow": "POST"]
  private static let unsupportedMediaType: HTTP2HeaderList = [":status": "415"]

  /// Reads the headers of a request.
  ///
  /// Throws a refusal where the request is not gRPC, names no method of `routes`, or has headers that gRPC does not allow.
  package init(
    of block: borrowing HTTP2HeaderBlock, _ routes: RouteTable, _ reader: inout MetadataReader
  ) throws(Refusal) {
    guard let method = block.firstIndex(of: .method), block.value(at: method, equals: "POST") else {
      throw Refusal(Self.methodNotAllowed)
    }
    guard let contentType = block.firstIndex(of: .contentType), Self.isGRPC(block, contentType) else {
      throw Refusal(Self.unsupportedMediaType)
    }
    guard let path = block.firstIndex(of: .path), let route = block.withValue(at: path, { routes.find($0) }) else {
      throw Refusal(GRPCStatus(.unimplemented, "there is no such method"))
    }
    let (timeout, encoding) = (try Self.timeout(block), try Self.encoding(block))
    let metadata: Metadata
    do throws(GRPCStatus) {
      metadata = try reader.read(block)
    } catch {
      throw Refusal(error)
    }
    self.init(
      route: route, metadata: metadata, timeout: timeout, encoding: encoding, acceptsGzip: Self.acceptsGzip(block),
      headerListBytes: block.bytes)
  }

  private init(
    route: Route, metadata: Metadata, timeout: Duration?, encoding: MessageEncoding, acceptsGzip: Bool,
    headerListBytes: Int
  ) {
    self.route = route
    self.metadata = metadata
    self.timeout = timeout
    self.encoding = encoding
    self.acceptsGzip = acceptsGzip
    self.headerListBytes = headerListBytes
  }

  /// gRPC PROTOCOL-HTTP2, "Requests": Content-Type → "application/grpc" [("+proto" / "+json" / {custom})]. This server
  /// speaks protobuf.
  private static func isGRPC(_ block: borrowing HTTP2HeaderBlock, _ index: Int) -> Bool {
    block.value(at: index, equals: "application/grpc") || block.value(at: index, equals: "application/grpc+proto")
      || block.value(at: index, hasPrefix: "application/grpc;")
      || block.value(at: index, hasPrefix: "application/grpc+proto;")
  }

  private static func timeout(_ block: borrowing HTTP2HeaderBlock) throws(Refusal) -> Duration? {
    guard let index = block.firstIndex(of: .grpcTimeout) else { return nil }
    guard let timeout = block.withValue(at: index, { GRPCTimeout.parse($0) }) else {
      throw Refusal(GRPCStatus(.internal, "grpc-timeout is not one to eight digits and a unit"))
    }
    return timeout
  }

  private static func encoding(_ block: borrowing HTTP2HeaderBlock) throws(Refusal) -> MessageEncoding {
    guard let index = block.firstIndex(of: .grpcEncoding) else { return .identity }
    guard let encoding = MessageEncoding(named: block.value(at: index)) else {
      // gRPC compression: an encoding the server lacks is UNIMPLEMENTED, together with what it has.
      var metadata = Metadata()
      metadata.appendReserved(MessageEncoding.acceptList, for: "grpc-accept-encoding")
      throw Refusal(GRPCStatus(.unimplemented, "the server cannot read this grpc-encoding"), metadata)
    }
    return encoding
  }

  private static func acceptsGzip(_ block: borrowing HTTP2HeaderBlock) -> Bool {
    guard let index = block.firstIndex(of: .grpcAcceptEncoding) else { return false }
    return block.withValue(at: index) { MessageEncoding.gzip.isListed(in: $0) }
  }
}
