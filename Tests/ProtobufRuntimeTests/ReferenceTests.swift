import Foundation
import GoldenProtos
import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import dev

/// Our codec against the reference implementation: the same bytes mean the same, and so does the same text.
@Suite struct ReferenceTests {
  private static let types = TypeRegistry(GoldenProtoFiles.messageTypes + GoogleAPIProtoFiles.messageTypes)

  @Test func `the records of the example mean the same to both`() throws {
    let text = try Data(contentsOf: Reference.checkout.root.appending(path: "Deploy/examples/asia-ict-ct.json"))
    let bundle: PlenaryAPI.Bundle = try ProtoJSON.decode(from: Array(text))
    #expect(bundle.records.count > 10)
    try Self.compare(bundle.records) { "record \($0)" }
    try Self.compare([bundle]) { _ in "the bundle" }
  }

  @Test func `random messages with fields of every kind mean the same to both`() throws {
    var random = RandomMessages()
    let messages = try (0..<300).map { _ in try random.message(GoldenEverything.self) }
    try Self.compare(messages) { "PLENARY_TEST_SEED=\(RandomMessages.seed), message \($0)" }
  }

  @Test func `messages one behind the other are merged alike`() throws {
    var random = RandomMessages()
    let joined = try (0..<200).map { _ in
      try random.message(GoldenEverything.self).serializedBytes()
        + random.message(GoldenEverything.self).serializedBytes()
    }
    let answers = try Reference.answers(to: joined.map { Reference.Question(GoldenEverything.self, binary: $0) })
    for (index, (bytes, answer)) in zip(joined, answers).enumerated() {
      let place: Comment = "PLENARY_TEST_SEED=\(RandomMessages.seed), pair \(index)"
      let theirs = try GoldenEverything(serializedBytes: Array(try #require(answer.fromBinary, place)))
      let ours = try GoldenEverything(serializedBytes: bytes)
      #expect(try ours.serializedBytes() == theirs.serializedBytes(), place)
    }
  }

  @Test func `messages lie as deep within each other for both`() throws {
    let depths = [99, 100, 101]
    let answers = try Reference.answers(
      to: depths.map { Reference.Question(GoldenTree.self, binary: Wire.nested(1, depth: $0)) })
    #expect(answers.map { $0.binaryError == nil } == [true, true, false])
  }

  @Test func `texts that we read mean the same to the reference implementation`() throws {
    let answers = try Reference.answers(
      to: JSONTexts.accepted.map { Reference.Question($0.type, json: $0.text) }
        + JSONTexts.accepted.map { Reference.Question($0.type, json: $0.canonical) })
    for (accepted, answer) in zip(JSONTexts.accepted + JSONTexts.accepted, answers) {
      let theirs = try #require(answer.fromJSON, "\(accepted.text): \(answer.jsonError ?? "")")
      var options = ProtoJSON.DecodingOptions()
      options.types = Self.types
      func ours<Message: ProtobufMessage>(_ type: Message.Type) throws -> [UInt8] {
        let message: Message = try ProtoJSON.decode(from: Array(accepted.text.utf8), options: options)
        return try message.serializedBytes()
      }
      func canonical<Message: ProtobufMessage>(_ type: Message.Type) throws -> [UInt8] {
        try Message(serializedBytes: Array(theirs)).serializedBytes()
      }
      #expect(try ours(accepted.type) == canonical(accepted.type), "\(accepted.text)")
    }
  }

  @Test func `texts that we refuse are refused by the reference implementation, or listed as refused by us alone`()
    throws
  {
    let answers = try Reference.answers(to: JSONTexts.refused.map { Reference.Question($0.type, json: $0.text) })
    for (refused, answer) in zip(JSONTexts.refused, answers) {
      #expect((answer.jsonError == nil) == refused.isStricter, "\(refused.text): \(answer.jsonError ?? "accepted")")
    }
  }

  /// Asks about the messages in both forms, and compares what comes back in both.
  private static func compare<Message: ProtobufMessage>(_ messages: [Message], _ place: (Int) -> String) throws {
    var encoding = ProtoJSON.EncodingOptions()
    encoding.types = types
    var decoding = ProtoJSON.DecodingOptions()
    decoding.types = types
    let questions = try messages.map {
      Reference.Question(
        Message.self, binary: try $0.serializedBytes(), json: try ProtoJSON.string($0, options: encoding))
    }
    for (index, (message, answer)) in zip(messages, try Reference.answers(to: questions)).enumerated() {
      let place: Comment =
        "\(place(index))\(answer.binaryError.map { ": \($0)" } ?? "")\(answer.jsonError.map { ": \($0)" } ?? "")"
      // By their bytes: NaN is not equal to itself, and -0.0 is equal to 0.0.
      let bytes = try message.serializedBytes()
      let theirBytes = Array(try #require(answer.fromBinary, place))
      #expect(try Message(serializedBytes: theirBytes).serializedBytes() == bytes, place)
      #expect(answer.jsonDifference == nil, place)
      let theirJSON: Message = try ProtoJSON.decode(
        from: Array(try #require(answer.json, place).utf8), options: decoding)
      #expect(try theirJSON.serializedBytes() == bytes, place)
      let fromOurJSON = Array(try #require(answer.fromJSON, place))
      #expect(try Message(serializedBytes: fromOurJSON).serializedBytes() == bytes, place)
    }
  }
}
