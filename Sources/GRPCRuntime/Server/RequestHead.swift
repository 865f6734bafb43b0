package import HTTP2

/// What a request's headers ask for, read and judged.
package struct RequestHead {
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
  package var headerListBytes = 0

  /// Whether a request may become a call.
  package enum Judgement {
    /// It is a call.
    case call(RequestHead)
    /// It is not gRPC; answer with an HTTP status.
    case refuseHTTP(HTTP2HeaderList)
    /// It is gRPC that cannot be answered otherwise than with a status.
    case refuse(GRPCStatus, Metadata)
  }

  private static let methodNotAllowed: HTTP2HeaderList = [":status": "405", "allow": "POST"]
  private static let unsupportedMediaType: HTTP2HeaderList = [":status": "415"]

  /// Judges the headers of a request.
  package static func judge(_ block: borrowing HTTP2HeaderBlock, _ routes: RouteTable) -> Judgement {
    guard let method = block.firstIndex(of: .method), block.value(at: method, equals: "POST") else {
      return .refuseHTTP(methodNotAllowed)
    }
    guard let contentType = block.firstIndex(of: .contentType), isGRPC(block, contentType) else {
      return .refuseHTTP(unsupportedMediaType)
    }
    guard let path = block.firstIndex(of: .path), let route = block.withValue(at: path, { routes.find($0) }) else {
      return .refuse(GRPCStatus(.unimplemented, "there is no such method"), Metadata())
    }
    do throws(Refusal) {
      var head = RequestHead(
        route: route, metadata: try metadata(block), timeout: try timeout(block), encoding: try encoding(block),
        acceptsGzip: acceptsGzip(block))
      head.headerListBytes = block.bytes
      return .call(head)
    } catch {
      return .refuse(error.status, error.metadata)
    }
  }

  private struct Refusal: Error {
    let status: GRPCStatus
    var metadata = Metadata()
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
      throw Refusal(status: GRPCStatus(.internal, "grpc-timeout is not one to eight digits and a unit"))
    }
    return timeout
  }

  private static func encoding(_ block: borrowing HTTP2HeaderBlock) throws(Refusal) -> MessageEncoding {
    guard let index = block.firstIndex(of: .grpcEncoding) else { return .identity }
    guard let encoding = MessageEncoding(named: block.value(at: index)) else {
      // gRPC compression: an encoding the server lacks is UNIMPLEMENTED, together with what it has.
      var metadata = Metadata()
      metadata.appendReserved(MessageEncoding.acceptList, for: "grpc-accept-encoding")
      throw Refusal(
        status: GRPCStatus(.unimplemented, "the server cannot read this grpc-encoding"), metadata: metadata)
    }
    return encoding
  }

  private static func acceptsGzip(_ block: borrowing HTTP2HeaderBlock) -> Bool {
    guard let index = block.firstIndex(of: .grpcAcceptEncoding) else { return false }
    return block.withValue(at: index) { MessageEncoding.gzip.isListed(in: $0) }
  }

  private static func metadata(_ block: borrowing HTTP2HeaderBlock) throws(Refusal) -> Metadata {
    do throws(GRPCStatus) {
      return try Metadata(receiving: block)
    } catch {
      throw Refusal(status: error)
    }
  }
}
