/// Inflates the messages a server or a channel receives, and compresses those it sends, within its limits.
package struct MessageCompressor: Sendable {
  private let gzip = Gzip()
  private let inflatedBytesMax: Int
  private let compressedBytesMin: Int

  /// Makes a compressor that inflates to at most `inflatedBytesMax` bytes, and leaves messages of less than
  /// `compressedBytesMin` bytes as they are.
  package init(inflatedBytesMax: Int, compressedBytesMin: Int) {
    self.inflatedBytesMax = inflatedBytesMax
    self.compressedBytesMin = compressedBytesMin
  }

  /// The bytes of a message, inflated if it came compressed.
  ///
  /// Throws `INTERNAL` when they are not gzip, are damaged or cut off, or have something behind their end, and
  /// `RESOURCE_EXHAUSTED` when they inflate to more than the limit. No more than the limit and a small buffer is ever
  /// held, however much they would inflate to.
  package func contents(of message: ReceivedMessage) throws(GRPCStatus) -> [UInt8] {
    guard message.isCompressed else { return message.bytes }
    do throws(Gzip.Failure) {
      return try gzip.inflate(message.bytes, bytesMax: inflatedBytesMax)
    } catch {
      switch error {
      case .damaged: throw GRPCStatus(.internal, "a compressed message is not gzip, is damaged or is cut off")
      case .trailingBytes: throw GRPCStatus(.internal, "a compressed message has bytes behind its end")
      case .tooLong:
        throw GRPCStatus(
          .resourceExhausted, "a compressed message inflates to more than the limit of \(inflatedBytesMax) bytes")
      case .outOfMemory: throw GRPCStatus(.resourceExhausted, "there is no memory to inflate a message")
      }
    }
  }

  /// The message, compressed where that makes it shorter and it is long enough to be worth the work.
  package func compressed(_ message: EncodedMessage) -> EncodedMessage {
    guard message.isCompressible, message.count >= compressedBytesMin, let bytes = gzip.deflate(message) else {
      return message
    }
    return EncodedMessage(gzipped: bytes)
  }
}
