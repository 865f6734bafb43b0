import GoldenProtos
import GoogleAPI
import ProtobufRuntime

/// Messages that together set every field of the goldens, at the ends of what it can hold.
enum GoldenSamples {
  static let all: [GoldenEverything] =
    [
      GoldenEverything(),
      GoldenEverything.with { $0.scalars = largest },
      GoldenEverything.with { $0.scalars = smallest },
      GoldenEverything.with { $0.optionals = GoldenOptionals() },
      GoldenEverything.with { $0.optionals = defaults },
      GoldenEverything.with { $0.lists = lists },
      GoldenEverything.with { $0.maps = maps },
      GoldenEverything.with { $0.tree = tree },
      GoldenEverything.with { $0.wellKnown = wellKnown },
      GoldenEverything.with { $0.names = names },
      GoldenEverything.with { ($0.first, $0.second, $0.third, $0.last) = ("1", "2", "3", "last") },
    ] + choices.map { choice in GoldenEverything.with { $0.choice = choice } }

  static let largest = GoldenScalars.with {
    $0.doubleValue = .greatestFiniteMagnitude
    $0.floatValue = .greatestFiniteMagnitude
    ($0.int32Value, $0.sint32Value, $0.sfixed32Value) = (.max, .max, .max)
    ($0.int64Value, $0.sint64Value, $0.sfixed64Value) = (.max, .max, .max)
    ($0.uint32Value, $0.fixed32Value) = (.max, .max)
    ($0.uint64Value, $0.fixed64Value) = (.max, .max)
    $0.boolValue = true
    $0.stringValue = "\u{0}\u{1F}\"\\/\u{7F}é\u{FFFF}\u{10FFFF}"
    $0.bytesValue = Array(0...255)
    $0.colorValue = .green
  }

  static let smallest = GoldenScalars.with {
    $0.doubleValue = .leastNonzeroMagnitude
    $0.floatValue = -.leastNonzeroMagnitude
    ($0.int32Value, $0.sint32Value, $0.sfixed32Value) = (.min, .min, .min)
    ($0.int64Value, $0.sint64Value, $0.sfixed64Value) = (.min, .min, .min)
    ($0.uint32Value, $0.fixed32Value, $0.uint64Value, $0.fixed64Value) = (1, 1, 1, 1)
    $0.stringValue = "\u{0}"
    $0.bytesValue = [0]
    $0.colorValue = .black
  }

  /// Every field set to what it would be if it were not set.
  static let defaults = GoldenOptionals.with {
    ($0.doubleValue, $0.floatValue) = (0, 0)
    ($0.int32Value, $0.sint32Value, $0.sfixed32Value) = (0, 0, 0)
    ($0.int64Value, $0.sint64Value, $0.sfixed64Value) = (0, 0, 0)
    ($0.uint32Value, $0.fixed32Value, $0.uint64Value, $0.fixed64Value) = (0, 0, 0, 0)
    ($0.boolValue, $0.stringValue, $0.bytesValue) = (false, "", [])
    $0.colorValue = .unspecified
    $0.scalarsValue = GoldenScalars()
  }

  static let lists = GoldenLists.with {
    $0.doubles = [0, -0.0, 1.5, .infinity]
    $0.floats = [0, -0.0, 1.5, -.infinity]
    ($0.int32s, $0.sint32s, $0.sfixed32s) = ([0, -1, .max], [0, -1, .min], [0, -1])
    ($0.int64s, $0.sint64s, $0.sfixed64s) = ([0, -1, .max], [0, -1, .min], [0, -1])
    ($0.uint32s, $0.fixed32s, $0.uint64s, $0.fixed64s) = ([0, .max], [0, .max], [0, .max], [0, .max])
    $0.bools = [false, true, false]
    $0.strings = ["", "a", "\u{0}"]
    $0.byteArrays = [[], [0], [255, 0]]
    $0.colors = [.unspecified, .black, GoldenColor(rawValue: 99)]
    $0.messages = [GoldenScalars(), largest, GoldenScalars()]
    $0.unpacked = [0, 1, 0]
  }

  static let maps = GoldenMaps.with {
    ($0.byInt32, $0.bySint32, $0.bySfixed32) = ([0: 0, -1: 1], [.min: .max], [-1: 0])
    ($0.byInt64, $0.bySint64, $0.bySfixed64) = ([0: 0, -1: 1], [.min: .max], [-1: 0])
    ($0.byUint32, $0.byFixed32, $0.byUint64, $0.byFixed64) = ([.max: 0], [0: .max], [.max: 0], [0: .max])
    $0.byBool = [false: true, true: false]
    $0.texts = ["": "", "\u{0}": "\u{0}", "é": "é"]
    $0.byteArrays = ["": [], "k": [0, 1]]
    $0.doubles = ["zero": 0, "minus": -0.0, "large": 1e300]
    $0.floats = ["zero": 0, "minus": -0.0, "small": 1e-30]
    $0.colors = ["": .unspecified, "red": .red]
    $0.messages = ["empty": GoldenScalars(), "largest": largest]
    $0.nested = [0: GoldenMaps(), 1: GoldenMaps.with { $0.texts = ["k": "v"] }]
  }

  static let choices: [GoldenChoice] = [
    GoldenChoice.with { $0.pick = .number(0) },
    GoldenChoice.with { $0.pick = .text("") },
    GoldenChoice.with { $0.pick = .data([]) },
    GoldenChoice.with { $0.pick = .truth(false) },
    GoldenChoice.with { $0.pick = .fraction(-0.0) },
    GoldenChoice.with { $0.pick = .color(.unspecified) },
    GoldenChoice.with { $0.pick = .scalars(GoldenScalars()) },
    GoldenChoice.with { $0.pick = .choice(GoldenChoice.with { $0.pick = .number(-1) }) },
    GoldenChoice.with { $0.other = .small(0) },
    GoldenChoice.with { ($0.other, $0.beside) = (.pause(ProtobufDuration(.milliseconds(-1500))), "b") },
  ]

  static let tree = GoldenTree.with {
    $0.left = GoldenTree.with { $0.left = GoldenTree.with { $0.height = 0 } }
    $0.right = GoldenTree.with { $0.right = GoldenTree() }
    $0.branches = [GoldenTree(), GoldenTree.with { $0.hold = .firm }]
    $0.leaf = GoldenTree.Leaf.with {
      ($0.name, $0.hold) = ("l", .loose)
      $0.tree = GoldenTree.with { $0.height = -1 }
    }
  }

  static let wellKnown = GoldenWellKnown.with {
    $0.any = ProtobufAny()
    $0.duration = ProtobufDuration(.nanoseconds(-1))
    $0.timestamp = ProtobufTimestamp(seconds: -62_135_596_800, nanos: 999_999_999)
    $0.mask = ProtobufFieldMask(paths: ["title.values", "start_date"])
    $0.structure = ProtobufStruct.with { $0.fields = ["": value(.nullValue(.nullValue)), "n": value(.numberValue(0))] }
    $0.value = value(.listValue(ProtobufListValue.with { $0.values = [value(.boolValue(false))] }))
    $0.list = ProtobufListValue.with { $0.values = [value(.stringValue("")), value(.structValue(ProtobufStruct()))] }
    $0.empty = ProtobufEmpty()
    $0.boolWrapper = ProtobufBoolValue()
    $0.int32Wrapper = ProtobufInt32Value.with { $0.value = .min }
    $0.int64Wrapper = ProtobufInt64Value.with { $0.value = .min }
    $0.uint32Wrapper = ProtobufUInt32Value.with { $0.value = .max }
    $0.uint64Wrapper = ProtobufUInt64Value.with { $0.value = .max }
    $0.floatWrapper = ProtobufFloatValue.with { $0.value = 0.1 }
    $0.doubleWrapper = ProtobufDoubleValue.with { $0.value = -0.0 }
    $0.stringWrapper = ProtobufStringValue()
    $0.bytesWrapper = ProtobufBytesValue.with { $0.value = [0xFB, 0xFF] }
    $0.values = [value(.nullValue(.nullValue)), value(.numberValue(1))]
    $0.timestamps = [ProtobufTimestamp(seconds: 253_402_300_799), ProtobufTimestamp()]
    $0.valueMap = ["null": value(.nullValue(.nullValue))]
    $0.anys = [ProtobufAny()]
    $0.pick = .pickedNull(.nullValue)
  }

  private static func value(_ kind: ProtobufValue.Kind) -> ProtobufValue { ProtobufValue.with { $0.kind = kind } }

  static let names = GoldenNames.with {
    ($0.class, $0.self_, $0.init_, $0.default, $0.func, $0.protocol) = ("1", "2", "3", "4", "5", "6")
    ($0.int, $0.struct, $0.union, $0.unknownFields_) = ("7", "8", "9", "10")
    ($0.descriptor, $0.structLayout, $0.value, $0.writer, $0.address) = ("11", "12", "13", "14", "15")
    ($0.number, $0.description, $0.homeURL, $0.httpIDs) = ("16", "17", "18", ["19"])
    ($0.camelcase, $0.leading, $0.trailing, $0.digit3d) = ("20", "21", "22", "23")
    ($0.in, $0.repeat, $0.optional) = (["24": "24"], ["25"], "26")
    $0.is = GoldenNames.with { $0.switch = .indirect(GoldenNames.with { $0.switch = .nil("39") }) }
    $0.type = GoldenNames.Type_.with { $0.name = "28" }
    $0.string = GoldenNames.String_.with { $0.value = "29" }
    $0.word = .self_
    ($0.register, $0.hashValue, $0.debugDescription_) = ("31", "32", "33")
    ($0.c, $0.e, $0.key, $0.base) = ("34", "35", "36", "42")
    ($0.camelfraction, $0.bigtruth) = (0.5, false)
    ($0.switch, $0.double, $0.abigdouble) = (.case("37"), .none_("41"), .underScore(45))
  }
}
