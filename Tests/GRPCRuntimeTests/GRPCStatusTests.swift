import GRPCRuntime
import GoogleAPI
import HTTP2
import ProtobufRuntime
import Testing

@Suite struct GRPCStatusTests {
  @Test(
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
      (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown), (301, .unknown), (0, .unknown),
    ] as [(Int, GRPCStatus.Code)])
  func `an HTTP status becomes a code`(http: Int, code: GRPCStatus.Code) {
    let status = GRPCStatus(httpStatus: http)
    #expect(status.code == code)
    #expect(status.origin == .transport)
  }

  @Test(
    arguments: [
      (.noError, .internal), (.protocolError, .internal), (.refusedStream, .unavailable), (.cancel, .cancelled),
      (.enhanceYourCalm, .resourceExhausted), (.inadequateSecurity, .permissionDenied), (.internalError, .internal),
      (HTTP2ErrorCode(rawValue: 0xFF), .internal),
    ] as [(HTTP2ErrorCode, GRPCStatus.Code)])
  func `a reset becomes a code`(reset: HTTP2ErrorCode, code: GRPCStatus.Code) {
    #expect(GRPCStatus(resetCode: reset).code == code)
  }

  @Test func `details travel in google.rpc.Status`() throws {
    let detail = ProtobufAny.with {
      $0.typeURL = "type.googleapis.com/google.rpc.ErrorInfo"
      $0.value = [1, 2, 3]
    }
    let status = GRPCStatus(.aborted, "etag", details: [detail])
    let bytes = try #require(StatusDetails.encode(status))
    let message = try RPCStatus(serializedBytes: bytes)
    #expect(message.code == 10)
    #expect(message.message == "etag")
    #expect(StatusDetails.decode(bytes) == [detail])
  }

  @Test func `a status without details sends none, and bytes that are no status hold none`() {
    #expect(StatusDetails.encode(GRPCStatus(.aborted)) == nil)
    #expect(StatusDetails.decode([0xFF]) == [])
  }

  @Test func `a status is printed with its code's name`() {
    #expect("\(GRPCStatus(.notFound, "no such dialogue"))" == "NOT_FOUND: no such dialogue")
    #expect("\(GRPCStatus(GRPCStatus.Code(rawValue: 99)))" == "CODE_99")
  }
}
