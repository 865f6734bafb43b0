package import HTTP2

/// The headers an answer begins with.
package enum ResponseHeaders {
  /// The headers of an answer without initial metadata.
  package static let plain: HTTP2HeaderList = [":status": "200", "content-type": "application/grpc"]

  /// The headers of an answer.
  package static func list(_ metadata: Metadata) -> HTTP2HeaderList {
    var list = plain
    list.append(metadata)
    return list
  }
}
