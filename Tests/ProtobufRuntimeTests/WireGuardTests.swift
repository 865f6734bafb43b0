import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import TestProtos
import Testing

/// What libprotobuf-c must never see, each with the input that shows why.
@Suite struct WireGuardTests {
  @Test func `messages lie 100 deep within each other and no deeper`() throws {
    let deepest = try GoldenTree(serializedBytes: Wire.nested(1, depth: 100))
    #expect(try deepest.serializedBytes() == Wire.nested(1, depth: 100))
    expect(.nestedTooDeep, decoding: GoldenTree.self, Wire.nested(1, depth: 101))
    var deeper: GoldenTree? = deepest
    deeper = GoldenTree.with { $0.left = deeper }
    #expect(throws: ProtobufError(.nestedTooDeep, "messages lie more than 100 deep within each other")) {
      try deeper?.serializedBytes()
    }
  }

  @Test func `the entries of maps are levels too, on the way in and on the way out`() throws {
    // Each level of Maps.nested is an entry and the message in it.
    let bytes = (0..<50).reduce([UInt8]()) { inner, _ in Wire.field(18, Wire.field(1, 0) + Wire.field(2, inner)) }
    let deepest = try GoldenMaps(serializedBytes: bytes)
    #expect(try GoldenMaps(serializedBytes: deepest.serializedBytes()) == deepest)
    let deeper = GoldenMaps.with { $0.nested = [0: deepest] }
    #expect(throws: ProtobufError.self) { try deeper.serializedBytes() }
    expect(.nestedTooDeep, decoding: GoldenMaps.self, Wire.field(18, Wire.field(1, 0) + Wire.field(2, bytes)))
  }

  @Test func `the depth can be limited further`() throws {
    var options = DecodingOptions()
    options.nestingMax = 3
    _ = try GoldenTree(serializedBytes: Wire.nested(1, depth: 3), options: options)
    #expect(throws: ProtobufError.self) {
      try GoldenTree(serializedBytes: Wire.nested(1, depth: 4), options: options)
    }
  }

  @Test(arguments: [1, 2, 3]) func `200,000 levels do not reach the stack`(_ number: Int) {
    expect(.nestedTooDeep, decoding: GoldenTree.self, Wire.nested(number, depth: 200_000))
  }

  @Test func `nested groups are refused, known field or not`() {
    expect(.groupRefused, decoding: GoldenTree.self, Wire.tag(100, 3) + Wire.tag(100, 4), path: "100")
    expect(.groupRefused, decoding: GoldenTree.self, Wire.tag(1, 3) + Wire.tag(1, 4), path: "left")
    expect(.groupRefused, decoding: GoldenTree.self, Wire.tag(1, 4), path: "left")
    expect(.groupRefused, decoding: GoldenTree.self, Wire.field(1, Wire.tag(9, 3) + Wire.tag(9, 4)), path: "left.9")
    let deep = (0..<200_000).flatMap { _ in Wire.tag(100, 3) } + (0..<200_000).flatMap { _ in Wire.tag(100, 4) }
    expect(.groupRefused, decoding: GoldenTree.self, deep)
  }

  @Test func `field number 0 and wire types 6 and 7 do not exist`() {
    expect(.malformed, decoding: GoldenScalars.self, [0x00, 0x00])
    expect(.malformed, decoding: GoldenScalars.self, [0x02, 0x00])
    expect(.malformed, decoding: GoldenScalars.self, [0x08 | 6], path: "double_value")
    expect(.malformed, decoding: GoldenScalars.self, Wire.tag(100, 6), path: "100")
    expect(.malformed, decoding: GoldenScalars.self, Wire.tag(100, 7), path: "100")
    // One more than the largest field number, which needs all of 32 bits and one.
    expect(.malformed, decoding: GoldenScalars.self, Wire.varint(UInt64(536_870_912) << 3) + [0])
  }

  @Test func `cut messages are refused wherever the cut is`() throws {
    let whole = try GoldenEverything.with {
      $0.scalars = GoldenScalars.with {
        ($0.doubleValue, $0.floatValue, $0.int64Value) = (1, 1, -1)
        ($0.stringValue, $0.bytesValue) = ("text", [1, 2, 3])
      }
    }.serializedBytes()
    // Every proper prefix ends within the one field.
    for length in 1..<whole.count {
      expect(.truncated, decoding: GoldenEverything.self, Array(whole.prefix(length)))
    }
    _ = try GoldenEverything(serializedBytes: whole)
  }

  @Test func `numbers are cut at the end of the message that they lie in`() {
    expect(.truncated, decoding: GoldenScalars.self, [0x80])
    expect(.truncated, decoding: GoldenScalars.self, [0x18], path: "int32_value")
    expect(.truncated, decoding: GoldenScalars.self, [0x18, 0x80, 0x80], path: "int32_value")
    // The next field's bytes are no part of the inner message.
    let inner: [UInt8] = [0x18, 0x80]
    expect(.truncated, decoding: GoldenEverything.self, Wire.field(1, inner) + [0x01], path: "scalars.int32_value")
  }

  @Test func `a number has ten bytes at most, a tag and a length five`() throws {
    let ten = Array(repeating: UInt8(0xFF), count: 9) + [0x01]
    #expect(try GoldenScalars(serializedBytes: Wire.tag(4, 0) + ten).int64Value == -1)
    let eleven = Array(repeating: UInt8(0x80), count: 10) + [0x01]
    expect(.malformed, decoding: GoldenScalars.self, Wire.tag(4, 0) + eleven, path: "int64_value")
    expect(.malformed, decoding: GoldenScalars.self, Wire.tag(100, 0) + eleven, path: "100")
    expect(.malformed, decoding: GoldenScalars.self, [0xA0, 0x80, 0x80, 0x80, 0x80, 0x00, 0x01])
    expect(.malformed, decoding: GoldenScalars.self, Wire.tag(14, 2) + [0x80, 0x80, 0x80, 0x80, 0x80, 0x00])
    // A length of five bytes, though one would do.
    #expect(try GoldenScalars(serializedBytes: Wire.tag(14, 2) + [0x81, 0x80, 0x80, 0x80, 0, 65]).stringValue == "A")
  }

  @Test(arguments: [5, 127, 128, 1 << 31, 1 << 32 - 1] as [UInt64])
  func `a length beyond the end is refused`(_ length: UInt64) {
    let cut = Wire.tag(14, 2) + Wire.varint(length) + [65, 66, 67, 68]
    expect(.truncated, decoding: GoldenScalars.self, cut, path: "string_value")
    expect(.truncated, decoding: GoldenScalars.self, Wire.tag(99, 2) + Wire.varint(length) + [0], path: "99")
    // Nor may an inner message reach beyond the one that contains it.
    let inner = Wire.tag(14, 2) + Wire.varint(length)
    expect(
      .truncated, decoding: GoldenEverything.self, Wire.field(1, inner) + Array(repeating: 65, count: 200),
      path: "scalars.string_value")
  }

  @Test func `a known field with another wire type is refused, and the path says which`() {
    for (number, name, expected) in [(1, "double_value", 1), (3, "int32_value", 0), (9, "fixed32_value", 5)] {
      for wireType in [0, 1, 2, 5] where wireType != expected {
        let payload: [UInt8] = wireType == 2 ? [1, 0] : Array(repeating: 0, count: 8)
        expect(.wireTypeMismatch, decoding: GoldenScalars.self, Wire.tag(number, wireType) + payload, path: name)
      }
    }
    expect(.wireTypeMismatch, decoding: GoldenScalars.self, Wire.field(14, 1), path: "string_value")
    expect(.wireTypeMismatch, decoding: GoldenEverything.self, Wire.field(1, 1), path: "scalars")
    expect(.wireTypeMismatch, decoding: GoldenLists.self, Wire.field(14, 1), path: "strings")
    expect(.wireTypeMismatch, decoding: GoldenMaps.self, Wire.field(12, 1), path: "texts")
    expect(
      .wireTypeMismatch, decoding: GoldenMaps.self, Wire.field(12, Wire.field(1, 1)), path: "texts.key")
  }

  @Test func `packed and unpacked numbers are both read`() throws {
    let unpacked = Wire.field(3, 1) + Wire.field(3, 2)
    let packed = Wire.field(3, [1, 2] as [UInt8])
    #expect(try GoldenLists(serializedBytes: unpacked).int32s == [1, 2])
    #expect(try GoldenLists(serializedBytes: packed + unpacked + packed).int32s == [1, 2, 1, 2, 1, 2])
    #expect(try GoldenLists(serializedBytes: Wire.field(18, [1, 2] as [UInt8])).unpacked == [1, 2])
  }

  @Test func `packed numbers that are cut or too long are refused`() {
    expect(.malformed, decoding: GoldenLists.self, Wire.field(3, [0x80] as [UInt8]))
    expect(.malformed, decoding: GoldenLists.self, Wire.field(1, [0, 0, 0] as [UInt8]))
    expect(.malformed, decoding: GoldenLists.self, Wire.field(4, Array(repeating: 0x80, count: 10) + [1]))
  }

  @Test func `a message may have as many bytes as allowed and not one more`() throws {
    let text = Wire.field(14, Array(repeating: 65, count: 100))
    _ = try GoldenScalars(serializedBytes: text, options: .messages(upTo: text.count))
    #expect(
      throws: ProtobufError(.messageTooLarge, "the message has \(text.count) bytes, \(text.count - 1) are allowed")
    ) { try GoldenScalars(serializedBytes: text, options: .messages(upTo: text.count - 1)) }
    let largest = Array(repeating: UInt8(0), count: DecodingOptions().messageBytesMax + 1)
    expect(.messageTooLarge, decoding: GoldenScalars.self, largest)
  }
}

/// Checks that bytes are refused for the right reason at the right place.
func expect<Message: ProtobufMessage>(
  _ code: ProtobufError.Code, decoding type: Message.Type, _ bytes: [UInt8], path: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  do {
    let message = try Message(serializedBytes: bytes)
    Issue.record("accepted as \(message)", sourceLocation: sourceLocation)
  } catch {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    if let path { #expect(error.path == path, "\(error)", sourceLocation: sourceLocation) }
  }
}
