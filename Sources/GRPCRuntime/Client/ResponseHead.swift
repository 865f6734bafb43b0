package import HTTP2

/// What a response's first headers say.
package struct ResponseHead {
  /// The status, when the answer is nothing but a status (Trailers-Only), or is no gRPC.
  package let status: GRPCStatus?

  /// The metadata: of the headers, or of the trailers when there is a status.
  package let metadata: Metadata

  /// How the response's messages are compressed.
  package let encoding: MessageEncoding

  /// Reads the headers.
  package init(_ block: borrowing HTTP2HeaderBlock) {
    do throws(GRPCStatus) {
      let metadata = try Metadata(receiving: block)
      let encoding = try Self.encoding(block)
      self.init(
        status: StatusHeaders.status(in: block) ?? Self.refusal(block), metadata: metadata, encoding: encoding)
    } catch {
      self.init(status: error, metadata: Metadata(), encoding: .identity)
    }
  }

  private init(status: GRPCStatus?, metadata: Metadata, encoding: MessageEncoding) {
    self.status = status
    self.metadata = metadata
    self.encoding = encoding
  }

  private static func encoding(_ block: borrowing HTTP2HeaderBlock) throws(GRPCStatus) -> MessageEncoding {
    guard let index = block.firstIndex(of: .grpcEncoding) else { return .identity }
    let name = block.value(at: index)
    guard let encoding = MessageEncoding(named: name) else {
      throw GRPCStatus(.internal, "the server compresses with \(name), which was not offered", origin: .transport)
    }
    return encoding
  }

  private static func refusal(_ block: borrowing HTTP2HeaderBlock) -> GRPCStatus? {
    if let index = block.firstIndex(of: .status), !block.value(at: index, equals: "200") {
      return GRPCStatus(httpStatus: Int(block.value(at: index)) ?? 0)
    }
    guard let index = block.firstIndex(of: .contentType), block.value(at: index, hasPrefix: "application/grpc") else {
      return GRPCStatus(.unknown, "the server's answer is not gRPC: its content-type is another", origin: .transport)
    }
    return nil
  }
}
