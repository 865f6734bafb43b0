package import HTTP2

extension GRPCStatus {
  /// The status of a call whose answer came with an HTTP status and without a gRPC status.
  ///
  /// gRPC http-grpc-status-mapping.
  package init(httpStatus: Int) {
    let code: Code =
      switch httpStatus {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    self.init(code, "the server answered with HTTP status \(httpStatus)", origin: .transport)
  }

  /// The status of a call whose stream was reset.
  ///
  /// gRPC PROTOCOL-HTTP2, "Errors". `farewell` ends the message.
  package init(resetCode: HTTP2ErrorCode, farewell: String = "") {
    let code: Code =
      switch resetCode {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internal
      }
    self.init(code, "the stream was reset: \(resetCode)\(farewell)", origin: .transport)
  }

  /// The code to reset a stream with, for a call that ends without a status on the wire.
  package var resetCode: HTTP2ErrorCode {
    switch code {
    case .cancelled, .deadlineExceeded: .cancel
    case .resourceExhausted: .enhanceYourCalm
    default: .internalError
    }
  }
}
