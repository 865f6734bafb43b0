import GRPCRuntime
import GRPCTestKit
import HTTP2
import Testing
import TestProtos

/// What a server answers to requests that no gRPC client sends, or only a bad one.
@Suite(.timeLimit(.minutes(10))) struct RequestHeadTests {
  /// A request that differs from a good one, and what the answer has to be.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var method = "POST"
    var path = "/kit.v1.Echo/Say"
    var contentType: String? = "application/grpc"
    var extra: [(String, String)] = []
    var body: [UInt8] = emptyMessage
    var http = "200"
    var grpc: String?
  }

  static let cases: [Case] = [
    Case(testDescription: "a good request", grpc: "0"),
    Case(testDescription: "GET", method: "GET", http: "405"),
    Case(testDescription: "PUT", method: "PUT", http: "405"),
    Case(testDescription: "no content-type", contentType: nil, http: "415"),
    Case(testDescription: "text/plain", contentType: "text/plain", http: "415"),
    Case(testDescription: "grpc-web", contentType: "application/grpc-web", http: "415"),
    Case(testDescription: "grpcfoo", contentType: "application/grpcfoo", http: "415"),
    Case(testDescription: "an unknown codec", contentType: "application/grpc+json", http: "415"),
    Case(testDescription: "+proto", contentType: "application/grpc+proto", grpc: "0"),
    Case(testDescription: "a parameter", contentType: "application/grpc;charset=utf-8", grpc: "0"),
    Case(testDescription: "an unknown method", path: "/kit.v1.Echo/Nothing", grpc: "12"),
    Case(testDescription: "an unknown service", path: "/kit.v1.Nothing/Say", grpc: "12"),
    Case(testDescription: "the wrong case", path: "/kit.v1.Echo/say", grpc: "12"),
    Case(testDescription: "a path without a method", path: "/kit.v1.Echo", grpc: "12"),
    Case(testDescription: "the root", path: "/", grpc: "12"),
    Case(testDescription: "a malformed timeout", extra: [("grpc-timeout", "abc")], grpc: "13"),
    Case(testDescription: "a timeout of nine digits", extra: [("grpc-timeout", "100000000S")], grpc: "13"),
    Case(testDescription: "an empty timeout", extra: [("grpc-timeout", "")], grpc: "13"),
    Case(testDescription: "the longest timeout", extra: [("grpc-timeout", "99999999H")], grpc: "0"),
    Case(testDescription: "an unknown encoding", extra: [("grpc-encoding", "zip9")], grpc: "12"),
    Case(testDescription: "no encoding", extra: [("grpc-encoding", "identity")], grpc: "0"),
    Case(testDescription: "an unknown grpc- header", extra: [("grpc-something", "x")], grpc: "0"),
    Case(testDescription: "bytes that are not Base64", extra: [("key-bin", "A")], grpc: "13"),
    Case(testDescription: "bytes with padding, joined", extra: [("key-bin", "AQ==,Ag")], grpc: "0"),
    Case(testDescription: "no message", body: [], grpc: "12"),
    Case(testDescription: "two messages", body: emptyMessage + emptyMessage, grpc: "12"),
    Case(testDescription: "a cut prefix", body: [0, 0, 0], grpc: "13"),
    Case(testDescription: "a cut message", body: [0, 0, 0, 0, 9, 1], grpc: "13"),
    Case(testDescription: "a compressed message", body: [1, 0, 0, 0, 0], grpc: "13"),
    Case(testDescription: "an unknown flag", body: [2, 0, 0, 0, 0], grpc: "13"),
    Case(testDescription: "a message over the limit", body: [0, 0, 0x40, 0, 1], grpc: "8"),
    Case(testDescription: "a message that is not protobuf", body: [0, 0, 0, 0, 1, 0xFF], grpc: "13"),
    Case(testDescription: "a string that is not UTF-8", body: [0, 0, 0, 0, 3, 0x0A, 1, 0xFF], grpc: "13"),
  ]

  @Test(arguments: cases)
  func `every request gets a definite answer`(of request: Case) async throws {
    let router = Router.saying { message, _ in message }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(Self.headers(of: request), body: request.body)
      #expect(answer.header(":status") == request.http)
      #expect(answer.trailer("grpc-status") == request.grpc)
      if request.grpc != nil { #expect(answer.header("content-type") == "application/grpc") }
      // The connection is as good as before.
      let next = try await client.exchange(sayHeaders, body: emptyMessage)
      #expect(next.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `an unknown encoding is answered with those that are known`() async throws {
    try await LoopbackServer.run(Self.router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("grpc-encoding", "zip9")
      let answer = try await client.exchange(headers, body: emptyMessage)
      #expect(answer.trailer("grpc-accept-encoding") == "identity,gzip")
      await client.close()
    }
  }

  @Test func `headers over the limit are refused, and long ones below it pass`() async throws {
    try await LoopbackServer.run(Self.router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var long = sayHeaders
      long.append("long", String(repeating: "x", count: 7000))
      #expect(try await client.exchange(long, body: emptyMessage).trailer("grpc-status") == "0")
      var tooLong = sayHeaders
      tooLong.append("long", String(repeating: "x", count: 17_000))
      #expect(try await client.exchange(tooLong, body: emptyMessage).header(":status") == "431")
      await client.close()
    }
  }

  private static var router: Router {
    let router = Router.saying { message, _ in message }
    return router
  }

  private static func headers(of request: Case) -> HTTP2HeaderList {
    var list = HTTP2HeaderList()
    list.append(":method", request.method)
    list.append(":scheme", "http")
    list.append(":authority", "test")
    list.append(":path", request.path)
    list.append("te", "trailers")
    if let contentType = request.contentType { list.append("content-type", contentType) }
    for (name, value) in request.extra { list.append(name: name, value: value) }
    return list
  }
}
