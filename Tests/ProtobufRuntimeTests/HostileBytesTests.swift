import GoldenProtos
import ProtobufRuntime
import Testing

/// Encoded messages with bytes changed, cut out and doubled: whatever comes of it, it is an answer.
@Suite struct HostileBytesTests {
  @Test func `a damaged message is refused, or decodes to one that encodes and decodes again`() throws {
    var random = RandomMessages()
    var refused = 0
    for index in 0..<1_500 {
      var bytes = try random.message(GoldenEverything.self).serializedBytes()
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty { Self.damage(&bytes, &random) }
      do {
        let message = try GoldenEverything(serializedBytes: bytes)
        let again = try GoldenEverything(serializedBytes: message.serializedBytes())
        #expect(
          try again.serializedBytes() == message.serializedBytes(),
          "PLENARY_TEST_SEED=\(RandomMessages.seed), message \(index)")
      } catch {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test func `damaged JSON is refused, or is read`() throws {
    var random = RandomMessages()
    var options = ProtoJSON.EncodingOptions()
    options.types = ProtoJSONTests.types
    var decoding = ProtoJSON.DecodingOptions()
    decoding.types = ProtoJSONTests.types
    var refused = 0
    for _ in 0..<400 {
      var text = try ProtoJSON.encode(random.message(GoldenEverything.self), options: options)
      for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty { Self.damage(&text, &random) }
      do {
        let _: GoldenEverything = try ProtoJSON.decode(from: text, options: decoding)
      } catch {
        #expect(error.offset.map { $0 <= text.count } == true)
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  private static func damage(_ bytes: inout [UInt8], _ random: inout RandomMessages) {
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let end = Int.random(in: place...min(bytes.count, place + 16), using: &random)
    switch Int.random(in: 0...4, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.removeSubrange(end...)
    }
  }
}
