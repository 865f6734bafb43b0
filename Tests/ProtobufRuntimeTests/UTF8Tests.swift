import GoldenProtos
import ProtobufRuntime
import Testing

/// Strings are UTF-8, whole and checked; libprotobuf-c on its own cuts them at U+0000 and checks nothing.
@Suite struct UTF8Tests {
  /// Overlong forms, surrogates, beyond U+10FFFF, cut and stray bytes.
  static let invalid: [[UInt8]] = [
    [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
    [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0x80], [0xBF], [0xC3], [0xE2, 0x82],
    [0xF0, 0x9F, 0x98], [0xC3, 0x28], [0x41, 0x42, 0xC3],
  ]

  static let valid: [[UInt8]] = [
    [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF],
    [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0x00], [0x41, 0x00, 0x42], [0x00, 0x00],
  ]

  @Test(arguments: invalid) func `text that is not UTF-8 is refused, and the path says where`(_ text: [UInt8]) {
    expect(.invalidUTF8, decoding: GoldenScalars.self, Wire.field(14, text), path: "string_value")
    expect(.invalidUTF8, decoding: GoldenOptionals.self, Wire.field(14, text), path: "string_value")
    expect(.invalidUTF8, decoding: GoldenChoice.self, Wire.field(2, text), path: "text")
    let good = Wire.field(14, [0x41] as [UInt8])
    expect(.invalidUTF8, decoding: GoldenLists.self, good + Wire.field(14, text), path: "strings[1]")
    let pair = Wire.field(1, [0x6B] as [UInt8])
    expect(
      .invalidUTF8, decoding: GoldenMaps.self, Wire.field(12, pair + Wire.field(2, text)), path: "texts[0].value")
    expect(.invalidUTF8, decoding: GoldenMaps.self, Wire.field(12, Wire.field(1, text)), path: "texts[0].key")
    expect(
      .invalidUTF8, decoding: GoldenMaps.self, Wire.field(17, pair + Wire.field(2, Wire.field(14, text))),
      path: "messages[0].value.string_value")
    let list = Wire.field(3, Wire.field(17, []) + Wire.field(17, Wire.field(14, text)))
    expect(.invalidUTF8, decoding: GoldenEverything.self, list, path: "lists.messages[1].string_value")
  }

  @Test(arguments: valid) func `the ends of what UTF-8 can say are kept, U+0000 too`(_ text: [UInt8]) throws {
    let scalars = try GoldenScalars(serializedBytes: Wire.field(14, text))
    #expect(Array(scalars.stringValue.utf8) == text)
    #expect(try scalars.serializedBytes() == Wire.field(14, text))
    let lists = try GoldenLists(serializedBytes: Wire.field(14, text) + Wire.field(14, text))
    #expect(lists.strings.map { Array($0.utf8) } == [text, text])
    let map = Wire.field(12, Wire.field(1, text) + Wire.field(2, text))
    #expect(try GoldenMaps(serializedBytes: map).serializedBytes() == map)
  }

  @Test func `bytes are whatever they are`() throws {
    for bytes in Self.invalid {
      #expect(try GoldenScalars(serializedBytes: Wire.field(15, bytes)).bytesValue == bytes)
    }
  }
}
