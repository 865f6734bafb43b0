import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import Testing

@Suite struct ProtoJSONTests {
  static let types = TypeRegistry(GoldenProtoFiles.messageTypes + GoogleAPIProtoFiles.messageTypes)

  @Test(arguments: JSONTexts.accepted)
  func `a text is read, and written again in its canonical form`(_ accepted: JSONTexts.Accepted) throws {
    func check<Message: ProtobufMessage>(_ type: Message.Type) throws {
      let message: Message = try Self.decode(accepted.text)
      #expect(try Self.encode(message) == accepted.canonical)
      let again: Message = try Self.decode(accepted.canonical)
      #expect(try again.serializedBytes() == message.serializedBytes())
    }
    try check(accepted.type)
  }

  @Test(arguments: JSONTexts.refused)
  func `a text that is not the JSON of the message is refused, and the error says why`(
    _ refused: JSONTexts.Refused
  ) throws {
    func check<Message: ProtobufMessage>(_ type: Message.Type) throws {
      let error = try #require(throws: ProtoJSONError.self) { let _: Message = try Self.decode(refused.text) }
      #expect(error.description.contains(refused.reason), "\(error)")
      #expect(error.description.hasPrefix("line "))
    }
    try check(refused.type)
  }

  @Test func `the error names line, column and path`() throws {
    let text = """
      {
        "lists": {
          "strings": ["é", "b"],
          "messages": [{}, {"int32Value": "é" , "boolValue": 1}]
        }
      }
      """
    let error = try #require(throws: ProtoJSONError.self) { let _: GoldenEverything = try Self.decode(text) }
    #expect(
      error.description
        == "line 4, column 37, lists.messages[1].int32Value: a whole number from -2147483648 to 2147483647 belongs here"
    )
    let map = try #require(throws: ProtoJSONError.self) {
      let _: GoldenMaps = try Self.decode(#"{"messages":{"é\"":{"boolValue":0}}}"#)
    }
    #expect(map.path == #"messages["é""].boolValue"#)
    #expect(map.column == 33)
    #expect(map.offset == 33, "two bytes for é")
    let inner = try #require(throws: ProtoJSONError.self) {
      let _: GoldenWellKnown = try Self.decode(#"{"anys":[{"@type":"a/google.protobuf.Duration","value":"x"}]}"#)
    }
    #expect(inner.path == "anys[0].value")
  }

  @Test func `unknown fields and enum values are passed over where that is asked for`() throws {
    var options = ProtoJSON.DecodingOptions()
    options.ignoresUnknownFields = true
    let scalars: GoldenScalars = try ProtoJSON.decode(
      from: Array(#"{"stray":{"a":[1]},"int32Value":1,"colorValue":"MAUVE"}"#.utf8), options: options)
    #expect(scalars == GoldenScalars.with { $0.int32Value = 1 })
    let lists: GoldenLists = try ProtoJSON.decode(from: Array(#"{"colors":["MAUVE","RED"]}"#.utf8), options: options)
    #expect(lists.colors == [.red])
    let maps: GoldenMaps = try ProtoJSON.decode(
      from: Array(#"{"colors":{"a":"MAUVE","b":"RED"}}"#.utf8), options: options)
    #expect(maps.colors == ["b": .red])
    let choice: GoldenChoice = try ProtoJSON.decode(
      from: Array(#"{"color":"MAUVE","text":"t"}"#.utf8), options: options)
    #expect(choice.pick == .text("t"))
    // What is passed over must still be JSON.
    #expect(throws: ProtoJSONError.self) {
      let _: GoldenScalars = try ProtoJSON.decode(from: Array(#"{"stray":{,}}"#.utf8), options: options)
    }
  }

  @Test func `values lie as deep within each other as allowed, in objects and in arrays`() throws {
    for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
      func value(depth: Int) throws(ProtoJSONError) -> ProtobufValue {
        try Self.decode(
          String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
      }
      #expect(throws: Never.self) { try value(depth: 100) }
      let error = try #require(throws: ProtoJSONError.self) { try value(depth: 101) }
      #expect(error.reason == "values lie more than 100 deep within each other")
      #expect(throws: ProtoJSONError.self) { try value(depth: 200_000) }
    }
  }

  @Test func `a text may have as many bytes as allowed and not one more`() throws {
    let text = Array(#"{"stringValue":"text"}"#.utf8)
    var options = ProtoJSON.DecodingOptions()
    options.textBytesMax = text.count
    let _: GoldenScalars = try ProtoJSON.decode(from: text, options: options)
    options.textBytesMax -= 1
    let error = try #require(throws: ProtoJSONError.self) {
      let _: GoldenScalars = try ProtoJSON.decode(from: text, options: options)
    }
    #expect(error.reason == "the text has 22 bytes, 21 are allowed")
  }

  @Test func `text that is not UTF-8 is refused where it stands`() throws {
    for invalid in UTF8Tests.invalid {
      let text = Array(#"{"stringValue":""#.utf8) + invalid + Array(#""}"#.utf8)
      let error = try #require(throws: ProtoJSONError.self) { let _: GoldenScalars = try ProtoJSON.decode(from: text) }
      #expect(error.reason == "the text is not valid UTF-8")
      #expect(error.line == 1)
      #expect(error.offset.map { $0 >= 16 } == true)
    }
  }

  @Test func `what has no JSON form is refused with the field's path`() throws {
    func expect(_ path: String, _ code: ProtobufError.Code, _ populate: (inout GoldenWellKnown) throws -> Void) throws {
      let message = try GoldenWellKnown.with(populate)
      let error = try #require(throws: ProtobufError.self) { try Self.encode(message) }
      #expect(error.path == path)
      #expect(error.code == code)
    }
    try expect("timestamp", .valueOutOfRange) { $0.timestamp = ProtobufTimestamp(seconds: 253_402_300_800) }
    try expect("timestamp", .valueOutOfRange) { $0.timestamp = ProtobufTimestamp(seconds: 0, nanos: -1) }
    try expect("timestamps[1]", .valueOutOfRange) {
      $0.timestamps = [ProtobufTimestamp(), ProtobufTimestamp(seconds: -62_135_596_801)]
    }
    try expect("duration", .valueOutOfRange) { $0.duration = ProtobufDuration(.seconds(315_576_000_001)) }
    try expect("duration", .valueOutOfRange) {
      $0.duration = ProtobufDuration.with { ($0.seconds, $0.nanos) = (1, -1) }
    }
    try expect("mask.paths[0]", .valueOutOfRange) { $0.mask = ProtobufFieldMask(paths: ["startDate"]) }
    try expect("mask.paths[1]", .valueOutOfRange) { $0.mask = ProtobufFieldMask(paths: ["a", ""]) }
    try expect("mask.paths[0]", .valueOutOfRange) { $0.mask = ProtobufFieldMask(paths: ["a,b"]) }
    try expect("value.number_value", .valueOutOfRange) {
      $0.value = ProtobufValue.with { $0.kind = .numberValue(.nan) }
    }
    try expect("value", .valueOutOfRange) { $0.value = ProtobufValue() }
    try expect("any", .typeURLMismatch) { $0.any = ProtobufAny.with { $0.typeURL = "a/stray.Type" } }
    try expect("any", .typeURLMismatch) { $0.any = ProtobufAny.with { $0.value = [8, 1] } }
    try expect("any", .truncated) {
      $0.any = ProtobufAny.with { ($0.typeURL, $0.value) = ("a/golden.v1.Scalars", [0x18]) }
    }
    let inner = ProtobufTimestamp(seconds: .max)
    try expect("anys[0]", .valueOutOfRange) { $0.anys = [try ProtobufAny(packing: inner)] }
  }

  @Test func `messages are written as deep as they are read, those within an Any included`() throws {
    var tree = GoldenTree()
    for _ in 0..<100 { tree = GoldenTree.with { $0.left = tree } }
    _ = try Self.encode(tree)
    let deeper = GoldenTree.with { $0.left = tree }
    let error = try #require(throws: ProtobufError.self) { try Self.encode(deeper) }
    #expect(error.code == .nestedTooDeep)

    func packed(depth: Int) throws -> ProtobufAny {
      var any = ProtobufAny()
      for _ in 0..<depth { any = try ProtobufAny(packing: any) }
      return any
    }
    _ = try Self.encode(packed(depth: 100))
    let tooDeep = try #require(throws: ProtobufError.self) { try Self.encode(packed(depth: 101)) }
    #expect(tooDeep.code == .nestedTooDeep)
    // Some 1.5 MB, which each level decodes anew: without the limit this would exhaust the stack.
    #expect(throws: ProtobufError.self) { try Self.encode(packed(depth: 2_000)) }
  }

  @Test func `indentation changes nothing but the look`() throws {
    let lists: GoldenLists = try Self.decode(#"{"int32s":[1,2],"messages":[{},{"boolValue":true}]}"#)
    #expect(
      try ProtoJSON.string(lists, options: .pretty) == """
        {
          "int32s": [
            1,
            2
          ],
          "messages": [
            {},
            {
              "boolValue": true
            }
          ]
        }
        """)
  }

  private static func decode<Message: ProtobufMessage>(_ text: String) throws(ProtoJSONError) -> Message {
    var options = ProtoJSON.DecodingOptions()
    options.types = types
    return try ProtoJSON.decode(from: Array(text.utf8), options: options)
  }

  private static func encode(_ message: some ProtobufMessage) throws(ProtobufError) -> String {
    var options = ProtoJSON.EncodingOptions()
    options.types = types
    return try ProtoJSON.string(message, options: options)
  }
}
