import GRPCRuntime
import HTTP2
import ProtobufRuntime
import TestProtos

/// The headers of a call of a method of `kit.v1.Echo`.
func headers(_ method: String) -> HTTP2HeaderList {
  var list: HTTP2HeaderList = [":method": "POST", ":scheme": "http", ":authority": "test"]
  list.append(":path", "/kit.v1.Echo/\(method)")
  list.append("te", "trailers")
  list.append("content-type", "application/grpc")
  return list
}

/// The headers of a call of `Say`.
let sayHeaders = headers("Say")

/// An empty message behind its prefix.
let emptyMessage: [UInt8] = [0, 0, 0, 0, 0]

/// A message behind its prefix.
func frame(_ message: some ProtobufMessage) throws -> [UInt8] {
  let bytes = try message.serializedBytes()
  let length = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
  return [0] + length + bytes
}

extension Router {
  /// A router whose one method is `kit.v1.Echo/Say`.
  static func saying(
    _ handler: @escaping @Sendable (KitEchoMsg, CallContext) async throws -> KitEchoMsg
  ) -> Router {
    var router = Router()
    router.register(KitEchoDefinition.say, unary: handler)
    return router
  }
}

extension MessageCompressor {
  /// Inflates to a megabyte, and compresses everything.
  static let forTests = MessageCompressor(inflatedBytesMax: 1 << 20, compressedBytesMin: 0)
}

/// Bytes behind a prefix that flags them as compressed.
func gzipFrame(_ bytes: [UInt8]) -> [UInt8] {
  [1] + (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
}

/// A message compressed, behind its prefix.
func gzipFrame(_ message: some ProtobufMessage) throws -> [UInt8] {
  let compressed = MessageCompressor.forTests.compressed(EncodedMessage(try message.serializedBytes()))
  precondition(compressed.isCompressed, "the message is too short to become shorter")
  return gzipFrame(compressed.first)
}

/// The messages in a body, as they came.
func messages(in body: [UInt8]) -> [ReceivedMessage] {
  var deframer = MessageDeframer(messageBytesMax: .max, encoding: .gzip)
  var messages: [ReceivedMessage] = []
  var offset = 0
  while case .message(let message) = deframer.read(body.span, from: &offset) { messages.append(message) }
  return messages
}
