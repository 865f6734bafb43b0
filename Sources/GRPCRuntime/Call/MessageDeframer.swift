internal import HTTP2

/// Cuts the bytes of one direction of a call into messages.
///
///     prefix ──5 bytes──▶ body ──length bytes──▶ message ──▶ prefix
///       └─ bad flag, over the limit ──▶ failed ◀── everything after a failure
///
/// gRPC PROTOCOL-HTTP2, "Requests": Length-Prefixed-Message → Compressed-Flag Message-Length Message. Messages and the
/// pieces they arrive in are not aligned: a piece may hold one byte of a message, or many messages.
///
/// Invariants:
/// - What is held for an unfinished message never exceeds `messageBytesMax`; the limit is decided from the prefix alone.
/// - Memory is taken as bytes arrive, not as a prefix claims.
/// - A compressed message stays compressed: whoever reads it inflates it, with `MessageCompressor`.
package struct MessageDeframer: Sendable {
  /// What the bytes gave.
  package enum Action: Equatable {
    /// A whole message. There may be more in the same bytes.
    case message(ReceivedMessage)
    /// The bytes are used up.
    case needsMore
    /// The stream is broken; the call ends with this status.
    case fail(GRPCStatus)
  }

  private static let prefixBytes = 5

  private let messageBytesMax: Int
  private let encoding: MessageEncoding
  private var prefixCount = 0
  private var flag: UInt8 = 0
  private var length = 0
  private var body: [UInt8] = []
  private var failure: GRPCStatus?

  /// Makes a deframer for messages of at most `messageBytesMax` bytes.
  package init(messageBytesMax: Int, encoding: MessageEncoding = .identity) {
    self.messageBytesMax = messageBytesMax
    self.encoding = encoding
  }

  /// Whether the bytes so far end between two messages.
  package var isBetweenMessages: Bool { prefixCount == 0 }

  /// Reads on in `bytes` from `offset`, which moves past what was read.
  package mutating func read(_ bytes: Span<UInt8>, from offset: inout Int) -> Action {
    if let failure { return .fail(failure) }
    while prefixCount < Self.prefixBytes {
      guard offset < bytes.count else { return .needsMore }
      takePrefix(bytes[offset])
      offset += 1
      if prefixCount == Self.prefixBytes, let failure = refusal() {
        self.failure = failure
        return .fail(failure)
      }
    }
    let taken = min(length - body.count, bytes.count - offset)
    if body.isEmpty { body.reserveCapacity(taken) }
    body.append(copying: bytes.extracting(offset..<offset + taken))
    offset += taken
    guard body.count == length else { return .needsMore }
    return .message(finishMessage())
  }

  private mutating func takePrefix(_ byte: UInt8) {
    if prefixCount == 0 {
      flag = byte
    } else {
      length = length << 8 | Int(byte)
    }
    prefixCount += 1
  }

  private func refusal() -> GRPCStatus? {
    if flag > 1 {
      return GRPCStatus(.internal, "a message begins with flag \(flag); only 0 and 1 have a meaning")
    }
    if flag == 1, encoding == .identity {
      return GRPCStatus(.internal, "a message is flagged as compressed, but grpc-encoding names no compression")
    }
    if length > messageBytesMax {
      return GRPCStatus(.resourceExhausted, "a message of \(length) bytes is over the limit of \(messageBytesMax)")
    }
    return nil
  }

  private mutating func finishMessage() -> ReceivedMessage {
    prefixCount = 0
    length = 0
    let message = ReceivedMessage(body, isCompressed: flag == 1)
    body = []
    return message
  }
}
