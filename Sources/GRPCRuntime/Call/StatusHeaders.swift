package import HTTP2
internal import ProtobufRuntime

/// A status as the header fields that carry it, in both directions.
package enum StatusHeaders {
  /// The trailers of a call that ended well and says nothing else.
  static let okTrailers: HTTP2HeaderList = ["grpc-status": "0"]

  /// The trailers that end an answer.
  package static func trailers(_ status: GRPCStatus, _ metadata: Metadata) -> HTTP2HeaderList {
    if status.code == .ok && metadata.isEmpty { return okTrailers }
    var list = HTTP2HeaderList()
    append(status, metadata, to: &list)
    return list
  }

  /// The one header list of an answer that is only a status.
  ///
  /// gRPC PROTOCOL-HTTP2, "Responses": Trailers-Only → HTTP-Status Content-Type Trailers.
  package static func trailersOnly(_ status: GRPCStatus, _ metadata: Metadata) -> HTTP2HeaderList {
    var list = ResponseHeaders.plain
    append(status, metadata, to: &list)
    return list
  }

  /// The status without what can be long, for when the whole does not fit into a header list.
  package static func shortened(_ status: GRPCStatus) -> GRPCStatus {
    GRPCStatus(status.code, "the status was too long to send", origin: status.origin)
  }

  private static func append(_ status: GRPCStatus, _ metadata: Metadata, to list: inout HTTP2HeaderList) {
    list.append("grpc-status", String(status.code.rawValue))
    if !status.message.isEmpty {
      list.append("grpc-message", PercentEncoding.encode(status.message))
    }
    if let details = StatusDetails.encode(status) {
      list.append("grpc-status-details-bin", Base64.encode(details, padded: false))
    }
    list.append(metadata)
  }

  /// The status a peer's header list holds, or nil when it holds none.
  package static func status(in block: borrowing HTTP2HeaderBlock) -> GRPCStatus? {
    guard let index = block.firstIndex(of: .grpcStatus) else { return nil }
    guard let code = Int(block.value(at: index)), code >= 0 else {
      return GRPCStatus(.unknown, "the server sent a grpc-status that is no number", origin: .transport)
    }
    var status = GRPCStatus(GRPCStatus.Code(rawValue: code), origin: .peer)
    if let index = block.firstIndex(of: .grpcMessage) {
      status.message = PercentEncoding.decode(block.value(at: index))
    }
    if let index = block.firstIndex(of: .grpcStatusDetails), let bytes = Base64.decode(block.valueBytes(at: index)) {
      status.details = StatusDetails.decode(bytes)
    }
    return status
  }
}

extension HTTP2HeaderList {
  /// Adds metadata, in its order.
  package mutating func append(_ metadata: Metadata) {
    for element in metadata {
      append(name: element.name, value: element.wireValue)
    }
  }
}
