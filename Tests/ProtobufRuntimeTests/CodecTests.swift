import GoldenProtos
import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import TestProtos
import Testing

@Suite struct CodecTests {
  @Test func `a record of every shape of field survives encoding and decoding`() throws {
    let dialogue = Dialogue.with {
      $0.name = "dialogues/asia-2018"
      $0.title = LocalizedText.with { $0.values = ["en": "Third dialogue", "fr": "Troisième dialogue"] }
      $0.startDate = GoogleDate.with { ($0.year, $0.month, $0.day) = (2018, 9, 4) }
      $0.themes = ["themes/a", "themes/b"]
      $0.annotations = ["k": "v", "": ""]
      $0.participantCount = 0
      $0.state = .concluded
      $0.location = Dialogue.Location.with {
        $0.latitude = -0.0
        $0.regionCode = "TH"
      }
    }
    let bytes = try dialogue.serializedBytes()
    let decoded = try Dialogue(serializedBytes: bytes)
    #expect(decoded == dialogue)
    #expect(decoded.participantCount == 0)
    #expect(decoded.location?.latitude?.sign == .minus)
    #expect(try decoded.serializedBytes() == bytes)
  }

  @Test func `a message within itself survives`() throws {
    let message = KitEchoMsg.with {
      $0.text = "outer\u{0}text"
      $0.child = KitEchoMsg.with { $0.blob = [0, 1, 2] }
    }
    #expect(try KitEchoMsg(serializedBytes: message.serializedBytes()) == message)
  }

  @Test func `minus zero is a value of its own, with presence and without`() throws {
    let scalars = GoldenScalars.with { ($0.doubleValue, $0.floatValue) = (-0.0, -0.0) }
    let bytes = try scalars.serializedBytes()
    #expect(bytes == [0x09, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x15, 0, 0, 0, 0x80])
    let decoded = try GoldenScalars(serializedBytes: bytes)
    #expect(decoded.doubleValue.sign == .minus)
    #expect(decoded.floatValue.sign == .minus)
    #expect(try GoldenScalars.with { $0.doubleValue = 0 }.serializedBytes() == [])
    let optionals = GoldenOptionals.with { ($0.doubleValue, $0.floatValue) = (0, -0.0) }
    let again = try GoldenOptionals(serializedBytes: optionals.serializedBytes())
    #expect(again.doubleValue?.sign == .plus)
    #expect(again.floatValue?.sign == .minus)
    #expect(again.int32Value == nil)
    let map = GoldenMaps.with { $0.doubles = ["": -0.0] }
    #expect(try GoldenMaps(serializedBytes: map.serializedBytes()).doubles[""]?.sign == .minus)
  }

  @Test func `of map entries with one key the last counts, and what an entry leaves out is the default`() throws {
    func entry(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
      Wire.field(12, Wire.field(1, key) + Wire.field(2, value))
    }
    let bytes = entry([65], [1]) + entry([66], [2]) + entry([65], [3])
    #expect(try GoldenMaps(serializedBytes: bytes).texts == ["A": "\u{3}", "B": "\u{2}"])
    // Within an entry a later key or value counts, in whatever order they come.
    let twice = Wire.field(12, Wire.field(2, [1]) + Wire.field(1, [65]) + Wire.field(1, [66]) + Wire.field(2, [2]))
    #expect(try GoldenMaps(serializedBytes: twice).texts == ["B": "\u{2}"])
    #expect(try GoldenMaps(serializedBytes: Wire.field(12, [])).texts == ["": ""])
    #expect(try GoldenMaps(serializedBytes: Wire.field(17, [])).messages == ["": GoldenScalars()])
    #expect(try GoldenMaps(serializedBytes: Wire.field(16, Wire.field(1, [65]))).colors == ["A": .unspecified])
  }

  @Test func `unknown fields are kept, on every level, and written again behind the known ones`() throws {
    let unknown =
      Wire.field(100, 1) + Wire.tag(101, 1) + [1, 2, 3, 4, 5, 6, 7, 8] + Wire.field(102, [9, 9]) + Wire.tag(103, 5)
      + [1, 2, 3, 4] + Wire.field(100, 2) + Wire.field(536_870_911, [])
    let known = Wire.field(3, 7)
    let scalars = try GoldenScalars(serializedBytes: unknown + known)
    #expect(scalars.int32Value == 7)
    #expect(scalars.unknownFields.bytes == unknown)
    #expect(try scalars.serializedBytes() == known + unknown)
    let nested = Wire.field(2, Wire.field(2, unknown) + unknown)
    #expect(try GoldenTree(serializedBytes: nested).serializedBytes() == nested)
    // An entry of a map has no place for them.
    let entry = Wire.field(12, Wire.field(1, [65]) + Wire.field(3, 1))
    #expect(try GoldenMaps(serializedBytes: entry).texts == ["A": ""])
  }

  @Test func `a newer version's message passes through an older version unharmed`() throws {
    var random = RandomMessages()
    for index in 0..<100 {
      let message = try random.message(GoldenEverything.self)
      let bytes = try message.serializedBytes()
      let passed = try GoldenExcerpt(serializedBytes: bytes).serializedBytes()
      #expect(
        try GoldenEverything(serializedBytes: passed).serializedBytes() == bytes,
        "PLENARY_TEST_SEED=\(RandomMessages.seed), message \(index)")
    }
  }

  @Test func `nothing is written that is not there, and everything empty that is`() throws {
    let lists = GoldenLists.with {
      $0.strings = ["", ""]
      $0.byteArrays = [[]]
      $0.messages = [GoldenScalars()]
    }
    #expect(
      try lists.serializedBytes() == Wire.field(14, []) + Wire.field(14, []) + Wire.field(15, []) + Wire.field(17, []))
    let optionals = GoldenOptionals.with {
      ($0.stringValue, $0.bytesValue, $0.scalarsValue) = ("", [], GoldenScalars())
    }
    #expect(try optionals.serializedBytes() == Wire.field(14, []) + Wire.field(15, []) + Wire.field(17, []))
    let choice = GoldenChoice.with { $0.pick = .scalars(GoldenScalars()) }
    #expect(try choice.serializedBytes() == Wire.field(7, []))
    let map = GoldenMaps.with { $0.messages = ["": GoldenScalars()] }
    #expect(try map.serializedBytes() == Wire.field(17, Wire.field(1, []) + Wire.field(2, [])))
    #expect(try GoldenNothing().serializedBytes() == [])
    #expect(try GoldenNothing().serializedBytes(reservingPrefix: 5) == [0, 0, 0, 0, 0])
    #expect(try GoldenNothing(serializedBytes: []) == GoldenNothing())
  }

  @Test func `equal messages encode to equal bytes`() throws {
    let keys = (0..<200).map { "key \($0)" }
    let forward = GoldenMaps.with { for key in keys { $0.texts[key] = key } }
    let backward = GoldenMaps.with { for key in keys.reversed() { $0.texts[key] = key } }
    #expect(try forward.serializedBytes() == backward.serializedBytes())
  }

  @Test func `bools, enums and numbers are taken as the wire format says`() throws {
    #expect(try GoldenScalars(serializedBytes: Wire.field(13, 2)).boolValue)
    #expect(try GoldenScalars(serializedBytes: Wire.field(13, 1 << 63)).boolValue)
    #expect(try GoldenScalars(serializedBytes: Wire.field(3, 1 << 32 + 5)).int32Value == 5)
    #expect(try GoldenScalars(serializedBytes: Wire.field(5, .max)).uint32Value == .max)
    #expect(try GoldenScalars(serializedBytes: Wire.field(16, .max)).colorValue == .black)
    #expect(try GoldenScalars(serializedBytes: Wire.field(3, 1) + Wire.field(3, 2)).int32Value == 2)
  }

  @Test func `a part of an array and the prefix of a frame are handled in place`() throws {
    let frame: [UInt8] = [0, 0, 0, 0, 2] + Wire.field(3, 7)
    let scalars = try GoldenScalars(serializedBytes: frame[5...])
    #expect(scalars.int32Value == 7)
    #expect(try scalars.serializedBytes(reservingPrefix: 5) == [0, 0, 0, 0, 0] + Wire.field(3, 7))
  }
}
