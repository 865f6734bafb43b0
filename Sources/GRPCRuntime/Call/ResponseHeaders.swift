package import HTTP2

/// The headers an answer begins with.
package enum ResponseHeaders {
  /// The headers of an answer without initial metadata.
  package static let plain: HTTP2HeaderList = [":status": "200", "content-type": "application/grpc"]

  /// The headers of an answer.
  ///
  /// gRPC compression: the encoding a request came with is among those the answer lists.
  package static func list(
    _ metadata: Metadata, encoding: MessageEncoding = .identity, listsEncodings: Bool = false
  ) -> HTTP2HeaderList {
    if metadata.isEmpty && encoding == .identity && !listsEncodings { return plain }
    var list = plain
    if encoding != .identity { list.append("grpc-encoding", encoding.description) }
    if listsEncodings { list.append("grpc-accept-encoding", MessageEncoding.acceptList) }
    list.append(metadata)
    return list
  }
}
