internal import HTTP2
internal import SocketTransport

/// The headers a call begins with.
enum RequestHeaders {
  private static let userAgent = "plenary-grpc-swift/1"

  /// What the requests of one channel have in common. The path, which is the next field, is still a pseudo field.
  static func template(for target: TransportAddress, tls: TLSClientConfiguration?) -> HTTP2HeaderList {
    var list: HTTP2HeaderList = [":method": "POST", ":scheme": tls == nil ? "http" : "https"]
    switch target {
    // A server that is known by another name is spoken to by it.
    case .tcp: list.append(":authority", tls?.serverName ?? target.description)
    case .unix: list.append(":authority", "localhost")
    }
    return list
  }

  /// The headers of a call.
  static func list(_ template: HTTP2HeaderList, _ plan: CallPlan, timeRemaining: Duration?) -> HTTP2HeaderList {
    var list = template
    list.append(":path", plan.path)
    list.append("te", "trailers")
    list.append("content-type", "application/grpc")
    list.append("user-agent", userAgent)
    list.append("grpc-accept-encoding", MessageEncoding.acceptList)
    if plan.options.requestEncoding != .identity {
      list.append("grpc-encoding", plan.options.requestEncoding.description)
    }
    if let timeRemaining {
      list.append("grpc-timeout", GRPCTimeout.format(timeRemaining))
    }
    list.append(plan.options.metadata)
    return list
  }
}
