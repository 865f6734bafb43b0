import GRPCRuntime
import Testing

@Suite struct MessageDeframerTests {
  /// Reads pieces to the end, or to the first failure.
  private func read(
    _ pieces: [[UInt8]], limit: Int = 100
  ) -> (messages: [[UInt8]], failure: GRPCStatus.Code?, isBetween: Bool) {
    var deframer = MessageDeframer(messageBytesMax: limit)
    var messages: [[UInt8]] = []
    for piece in pieces {
      var offset = 0
      reading: while true {
        switch deframer.read(piece.span, from: &offset) {
        case .message(let message): messages.append(message.bytes)
        case .needsMore: break reading
        case .fail(let status): return (messages, status.code, deframer.isBetweenMessages)
        }
      }
      #expect(offset == piece.count)
    }
    return (messages, nil, deframer.isBetweenMessages)
  }

  private let three: [UInt8] = [0, 0, 0, 0, 2, 7, 8] + [0, 0, 0, 0, 0] + [0, 0, 0, 0, 1, 9]

  @Test func `many messages in one piece`() {
    let result = read([three])
    #expect(result.messages == [[7, 8], [], [9]])
    #expect(result.isBetween)
  }

  @Test func `messages in pieces of one byte, with empty pieces between`() {
    let result = read(three.flatMap { [[$0], []] })
    #expect(result.messages == [[7, 8], [], [9]])
    #expect(result.isBetween)
  }

  @Test(arguments: 1...17)
  func `messages cut anywhere`(cut: Int) {
    #expect(read([Array(three[..<cut]), Array(three[cut...])]).messages == [[7, 8], [], [9]])
  }

  @Test func `the limit itself passes and one byte more is refused by the prefix alone`() {
    #expect(read([[0, 0, 0, 0, 100] + [UInt8](repeating: 1, count: 100)]).messages.count == 1)
    #expect(read([[0, 0, 0, 0, 101]]).failure == .resourceExhausted)
    #expect(read([[0, 0xFF, 0xFF, 0xFF, 0xFF]]).failure == .resourceExhausted)
  }

  @Test(arguments: [1, 2, 255] as [UInt8])
  func `a flag that says more than uncompressed is refused`(flag: UInt8) {
    #expect(read([[flag, 0, 0, 0, 1, 9]]).failure == .internal)
  }

  @Test(arguments: [1, 3, 5, 6])
  func `the end inside of a message is noticed`(count: Int) {
    #expect(!read([Array(three[..<count])]).isBetween)
  }

  @Test func `compressed messages stay as they are and say so, in pieces of one byte`() {
    var deframer = MessageDeframer(messageBytesMax: 2, encoding: .gzip)
    let bytes: [UInt8] = [1, 0, 0, 0, 2, 7, 8] + [0, 0, 0, 0, 1, 9] + [1, 0, 0, 0, 0]
    var messages: [ReceivedMessage] = []
    for byte in bytes {
      var offset = 0
      while case .message(let message) = deframer.read([byte].span, from: &offset) { messages.append(message) }
    }
    #expect(messages == [ReceivedMessage([7, 8], isCompressed: true), [9], ReceivedMessage([], isCompressed: true)])
  }

  @Test func `the limit holds for the compressed length, by the prefix alone`() {
    var deframer = MessageDeframer(messageBytesMax: 100, encoding: .gzip)
    var offset = 0
    let prefix: [UInt8] = [1, 0, 0, 0, 101]
    guard case .fail(let status) = deframer.read(prefix.span, from: &offset) else {
      Issue.record("a message over the limit passed")
      return
    }
    #expect(status.code == .resourceExhausted)
  }

  @Test func `nothing is read behind a failure`() {
    var deframer = MessageDeframer(messageBytesMax: 100)
    var offset = 0
    let bad: [UInt8] = [9, 0, 0, 0, 0] + three
    guard case .fail(let first) = deframer.read(bad.span, from: &offset) else {
      Issue.record("a bad flag passed")
      return
    }
    #expect(deframer.read(bad.span, from: &offset) == .fail(first))
  }
}
