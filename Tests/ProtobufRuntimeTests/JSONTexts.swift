import GoldenProtos
import GoogleAPI
import ProtobufRuntime
import Testing

/// Texts that ProtoJSON has a rule about. `ReferenceTests` asks the reference implementation about each of them too.
enum JSONTexts {
  struct Accepted: Sendable, CustomTestStringConvertible {
    let type: any ProtobufMessage.Type
    let text: String
    /// How the message is written: the canonical form.
    let canonical: String
    var testDescription: String { text }

    init(_ type: any ProtobufMessage.Type, _ text: String, _ canonical: String? = nil) {
      self.type = type
      self.text = text
      self.canonical = canonical ?? text
    }
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    let type: any ProtobufMessage.Type
    let text: String
    let reason: String
    /// Whether the reference implementation in Python lets it pass.
    let isStricter: Bool
    var testDescription: String { text }

    init(_ type: any ProtobufMessage.Type, _ text: String, _ reason: String, isStricter: Bool = false) {
      self.type = type
      self.text = text
      self.reason = reason
      self.isStricter = isStricter
    }
  }

  private static let scalars = GoldenScalars.self
  private static let known = GoldenWellKnown.self

  static let accepted: [Accepted] = numbers + texts + shapes + times + dynamic

  private static let numbers: [Accepted] = [
    Accepted(scalars, #"{"int32Value":1}"#),
    Accepted(scalars, #"{"int32_value":1}"#, #"{"int32Value":1}"#),
    Accepted(scalars, #"{"int32Value":"-7"}"#, #"{"int32Value":-7}"#),
    Accepted(scalars, #"{"int32Value":1e2}"#, #"{"int32Value":100}"#),
    Accepted(scalars, #"{"int32Value":1.0}"#, #"{"int32Value":1}"#),
    Accepted(scalars, #"{"int32Value":120e-1}"#, #"{"int32Value":12}"#),
    Accepted(scalars, #"{"int32Value":-0}"#, "{}"),
    Accepted(scalars, #"{"int32Value":0e99}"#, "{}"),
    Accepted(scalars, #"{"int32Value":2147483647,"sint32Value":-2147483648}"#),
    Accepted(scalars, #"{"int32Value":2.147483647e9}"#, #"{"int32Value":2147483647}"#),
    Accepted(scalars, #"{"int64Value":"9223372036854775807","sint64Value":"-9223372036854775808"}"#),
    Accepted(scalars, #"{"int64Value":9223372036854775807}"#, #"{"int64Value":"9223372036854775807"}"#),
    Accepted(scalars, #"{"int64Value":1e18}"#, #"{"int64Value":"1000000000000000000"}"#),
    Accepted(scalars, #"{"uint32Value":4294967295,"uint64Value":"18446744073709551615"}"#),
    Accepted(scalars, #"{"uint64Value":18446744073709551615}"#, #"{"uint64Value":"18446744073709551615"}"#),
    Accepted(scalars, #"{"doubleValue":"NaN","floatValue":"NaN"}"#),
    Accepted(scalars, #"{"doubleValue":"Infinity","floatValue":"-Infinity"}"#),
    Accepted(scalars, #"{"doubleValue":"1.5","floatValue":"2e-1"}"#, #"{"doubleValue":1.5,"floatValue":0.2}"#),
    Accepted(scalars, #"{"doubleValue":5e-324}"#),
    Accepted(scalars, #"{"doubleValue":1.7976931348623157e+308}"#),
    Accepted(scalars, #"{"doubleValue":1e-400}"#, "{}"),
    Accepted(scalars, #"{"floatValue":3.4e+38}"#),
    Accepted(scalars, #"{"colorValue":"RED"}"#),
    Accepted(scalars, #"{"colorValue":"CRIMSON"}"#, #"{"colorValue":"RED"}"#),
    Accepted(scalars, #"{"colorValue":-1}"#, #"{"colorValue":"COLOR_BLACK"}"#),
    Accepted(scalars, #"{"colorValue":1e0}"#, #"{"colorValue":"RED"}"#),
    Accepted(scalars, #"{"colorValue":77}"#),
  ]

  private static let texts: [Accepted] = [
    Accepted(scalars, #"{"stringValue":"\u0041\n\/\"\\\b\f\r\t"}"#, #"{"stringValue":"A\n/\"\\\b\f\r\t"}"#),
    Accepted(scalars, #"{"stringValue":"\uD83D\ude00"}"#, #"{"stringValue":"😀"}"#),
    Accepted(scalars, #"{"stringValue":"\u0000"}"#),
    Accepted(scalars, #"{"stringValue":"null"}"#),
    Accepted(scalars, #"{"bytesValue":"+/8="}"#),
    Accepted(scalars, #"{"bytesValue":"-_8"}"#, #"{"bytesValue":"+/8="}"#),
    Accepted(scalars, #"{"bytesValue":"-_8="}"#, #"{"bytesValue":"+/8="}"#),
    Accepted(scalars, #"{"boolValue":true}"#),
    Accepted(scalars, "  {\n\t\"boolValue\" :\r true }  ", #"{"boolValue":true}"#),
  ]

  private static let shapes: [Accepted] = [
    Accepted(scalars, #"{"int32Value":null,"stringValue":null,"bytesValue":null,"colorValue":null}"#, "{}"),
    Accepted(GoldenOptionals.self, #"{"int32Value":0,"boolValue":false,"stringValue":"","scalarsValue":{}}"#),
    Accepted(GoldenOptionals.self, #"{"int32Value":null,"scalarsValue":null}"#, "{}"),
    Accepted(GoldenLists.self, #"{"int32s":[],"strings":null}"#, "{}"),
    Accepted(
      GoldenLists.self, #"{"int64s":[1,"2"],"colors":["RED",2]}"#, #"{"int64s":["1","2"],"colors":["RED","GREEN"]}"#),
    Accepted(GoldenMaps.self, #"{"byInt32":{"-1":1,"0":0},"byBool":{"false":true,"true":false}}"#),
    Accepted(GoldenMaps.self, #"{"byUint64":{"18446744073709551615":"1"}}"#),
    Accepted(
      GoldenMaps.self, #"{"texts":{"":"","a":"b"},"messages":{"m":{}},"nested":null}"#,
      #"{"texts":{"":"","a":"b"},"messages":{"m":{}}}"#),
    Accepted(GoldenChoice.self, #"{"number":0}"#),
    Accepted(GoldenChoice.self, #"{"number":null,"text":"t"}"#, #"{"text":"t"}"#),
    Accepted(GoldenEverything.self, #"{"erstes":"a","second":"b","@third":"c"}"#),
    Accepted(GoldenEverything.self, #"{"first":"a","third":"c"}"#, #"{"erstes":"a","@third":"c"}"#),
    Accepted(GoldenNothing.self, "{}"),
  ]

  private static let times: [Accepted] = [
    Accepted(known, #"{"timestamp":"0001-01-01T00:00:00Z"}"#),
    Accepted(known, #"{"timestamp":"9999-12-31T23:59:59.999999999Z"}"#),
    Accepted(known, #"{"timestamp":"1970-01-01T00:00:00.010Z"}"#),
    Accepted(known, #"{"timestamp":"1969-12-31T23:59:59.900Z"}"#),
    Accepted(known, #"{"timestamp":"2018-09-04T09:30:00.1Z"}"#, #"{"timestamp":"2018-09-04T09:30:00.100Z"}"#),
    Accepted(known, #"{"timestamp":"2018-09-04T09:30:00.000001Z"}"#),
    Accepted(known, #"{"timestamp":"2018-09-04T09:30:00+07:00"}"#, #"{"timestamp":"2018-09-04T02:30:00Z"}"#),
    Accepted(known, #"{"timestamp":"2018-09-04T20:30:00-08:30"}"#, #"{"timestamp":"2018-09-05T05:00:00Z"}"#),
    Accepted(known, #"{"timestamp":"2000-02-29T00:00:00Z"}"#),
    Accepted(known, #"{"duration":"0s"}"#),
    Accepted(known, #"{"duration":"-0.5s"}"#, #"{"duration":"-0.500s"}"#),
    Accepted(known, #"{"duration":"1.000000001s"}"#),
    Accepted(known, #"{"duration":"-315576000000s"}"#),
    Accepted(known, #"{"mask":"title.values,startDate"}"#),
    Accepted(known, #"{"mask":""}"#),
  ]

  private static let dynamic: [Accepted] = [
    Accepted(
      known, #"{"int64Wrapper":"1","boolWrapper":false,"bytesWrapper":"","stringWrapper":""}"#,
      #"{"boolWrapper":false,"int64Wrapper":"1","stringWrapper":"","bytesWrapper":""}"#),
    Accepted(known, #"{"doubleWrapper":"NaN","floatWrapper":1}"#, #"{"floatWrapper":1,"doubleWrapper":"NaN"}"#),
    Accepted(known, #"{"int64Wrapper":null,"structure":null,"list":null,"any":null,"timestamp":null}"#, "{}"),
    Accepted(known, #"{"value":null}"#),
    Accepted(known, #"{"value":1.5,"values":[null,true,"s",{"a":[{}]},[]]}"#),
    Accepted(known, #"{"valueMap":{"k":null}}"#),
    Accepted(known, #"{"structure":{"a":null,"b":{"c":[1,"2",false]}},"list":[[],{}]}"#),
    Accepted(known, #"{"null":null}"#, "{}"),
    Accepted(known, #"{"null":"NULL_VALUE"}"#, "{}"),
    Accepted(known, #"{"pickedNull":null}"#),
    Accepted(known, #"{"pickedValue":null}"#),
    Accepted(known, #"{"pickedWrapper":null}"#, "{}"),
    Accepted(known, #"{"empty":{}}"#),
    Accepted(known, #"{"any":{}}"#),
    Accepted(known, #"{"any":{"@type":"type.googleapis.com/golden.v1.Scalars","int32Value":7}}"#),
    Accepted(
      known, #"{"any":{"int32Value":7,"@type":"example.org/golden.v1.Scalars"}}"#,
      #"{"any":{"@type":"example.org/golden.v1.Scalars","int32Value":7}}"#),
    Accepted(known, #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}"#),
    Accepted(known, #"{"any":{"@type":"type.googleapis.com/google.protobuf.Value","value":null}}"#),
    Accepted(known, #"{"any":{"@type":"type.googleapis.com/google.protobuf.Int32Value","value":7}}"#),
    Accepted(
      known,
      #"{"any":{"@type":"type.googleapis.com/google.protobuf.Any","value":{"@type":"a/google.protobuf.StringValue","value":"s"}}}"#
    ),
  ]

  static let refused: [Refused] = badNumbers + badTexts + badShapes + badTimes + badDynamic

  private static let badNumbers: [Refused] = [
    Refused(scalars, #"{"int32Value":2147483648}"#, "a whole number from -2147483648 to 2147483647 belongs here"),
    Refused(scalars, #"{"int32Value":-2147483649}"#, "a whole number from -2147483648 to 2147483647 belongs here"),
    Refused(scalars, #"{"int32Value":1.5}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":1e10}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":1e-1}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":1e99999999999999999999}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":""}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":" 1"}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":"1 "}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":"+1"}"#, "a whole number from", isStricter: true),
    Refused(scalars, #"{"int32Value":"0x1"}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":"1-2"}"#, "a whole number from"),
    Refused(scalars, #"{"int32Value":true}"#, "a whole number belongs here"),
    Refused(scalars, #"{"int32Value":[1]}"#, "a whole number belongs here"),
    Refused(scalars, #"{"uint32Value":-1}"#, "a whole number from 0 to 4294967295"),
    Refused(scalars, #"{"uint64Value":18446744073709551616}"#, "a whole number from 0 to 18446744073709551615"),
    Refused(scalars, #"{"int64Value":9223372036854775808}"#, "a whole number from"),
    Refused(scalars, #"{"doubleValue":1e309}"#, "the number is too large for its field"),
    Refused(scalars, #"{"floatValue":3.5e38}"#, "the number is too large for its field"),
    Refused(scalars, #"{"doubleValue":"nan"}"#, "a number belongs here"),
    Refused(scalars, #"{"doubleValue":"inf"}"#, "a number belongs here", isStricter: true),
    Refused(scalars, #"{"doubleValue":""}"#, "a number belongs here"),
    Refused(scalars, #"{"doubleValue":"0x1p3"}"#, "a number belongs here"),
    Refused(scalars, #"{"doubleValue":true}"#, "a number belongs here", isStricter: true),
    Refused(scalars, #"{"int32Value":01}"#, "a number does not begin with 0"),
    Refused(scalars, #"{"int32Value":1.}"#, "a digit belongs here"),
    Refused(scalars, #"{"int32Value":.5}"#, "no JSON value begins like this"),
    Refused(scalars, #"{"int32Value":+1}"#, "no JSON value begins like this"),
    Refused(scalars, #"{"int32Value":1e}"#, "a digit belongs here"),
    Refused(scalars, #"{"int32Value":-}"#, "a digit belongs here"),
    Refused(scalars, #"{"doubleValue":NaN}"#, "no JSON value begins like this"),
    Refused(scalars, #"{"colorValue":"red"}"#, #"golden.v1.Color has no value "red"; did you mean "RED"?"#),
    Refused(scalars, #"{"colorValue":1.5}"#, "the number of an enum value has 32 bits", isStricter: true),
    Refused(scalars, #"{"colorValue":2147483648}"#, "the number of an enum value has 32 bits"),
    Refused(scalars, #"{"colorValue":true}"#, "the name of a value belongs here, not a bool", isStricter: true),
  ]

  private static let badTexts: [Refused] = [
    Refused(scalars, #"{"stringValue":"\uD83D"}"#, "a surrogate stands alone"),
    Refused(scalars, #"{"stringValue":"\uD83Dx"}"#, "a surrogate stands alone"),
    Refused(scalars, #"{"stringValue":"\uDE00"}"#, "a surrogate stands alone"),
    Refused(scalars, #"{"stringValue":"\uD83D\u0041"}"#, "a surrogate stands alone"),
    Refused(scalars, #"{"stringValue":"\u00g0"}"#, "four hexadecimal digits belong here"),
    Refused(scalars, #"{"stringValue":"\x"}"#, "there is no such escape"),
    Refused(scalars, "{\"stringValue\":\"\n\"}", "a control character must be escaped within a string"),
    Refused(scalars, #"{"stringValue":"a"#, "the text ends within a string"),
    Refused(scalars, #"{"stringValue":1}"#, "a string belongs here"),
    Refused(scalars, #"{"bytesValue":"a"}"#, "bytes in Base64 belong here"),
    Refused(scalars, #"{"bytesValue":"!!!!"}"#, "bytes in Base64 belong here", isStricter: true),
    Refused(scalars, #"{"boolValue":"true"}"#, "true or false belongs here"),
    Refused(scalars, #"{"boolValue":1}"#, "true or false belongs here"),
    Refused(scalars, #"{'boolValue':true}"#, "a member's name in quotation marks belongs here"),
    Refused(scalars, #"{"boolValue":true,}"#, "there is nothing after the comma"),
    Refused(scalars, #"{"boolValue":true} {}"#, "there is more text after the value"),
    Refused(scalars, #"{"boolValue" true}"#, "a colon belongs here"),
    Refused(scalars, #"{"boolValue":True}"#, "no JSON value begins like this"),
    Refused(scalars, "// c\n{}", "no JSON value begins like this"),
    Refused(scalars, "", "the text ends where a value belongs"),
    Refused(scalars, "{", "a member's name in quotation marks belongs here"),
    Refused(scalars, "[]", "an object belongs here, not an array", isStricter: true),
  ]

  private static let badShapes: [Refused] = [
    Refused(scalars, #"{"int32Value":1,"int32Value":1}"#, #"the member "int32Value" is there twice"#),
    Refused(scalars, #"{"int32Value":1,"int32_value":1}"#, #"the field "int32Value" is there twice"#, isStricter: true),
    Refused(scalars, #"{"int32valeu":1}"#, #"golden.v1.Scalars has no field "int32valeu"; did you mean "int32Value"?"#),
    Refused(GoldenLists.self, #"{"int32s":[1,null]}"#, "an element cannot be null"),
    Refused(GoldenLists.self, #"{"int32s":1}"#, "an array belongs here, not a number"),
    Refused(GoldenLists.self, #"{"int32s":[1,]}"#, "there is nothing after the comma"),
    Refused(GoldenMaps.self, #"{"texts":{"a":null}}"#, "the value of an entry cannot be null"),
    Refused(GoldenMaps.self, #"{"texts":{"a":"1","a":"2"}}"#, #"the member "a" is there twice"#),
    Refused(GoldenMaps.self, #"{"byInt32":{"x":1}}"#, #""x" is not a key of this map"#),
    Refused(GoldenMaps.self, #"{"byInt32":{"01":1}}"#, #""01" is not a key of this map"#, isStricter: true),
    Refused(GoldenMaps.self, #"{"byInt32":{"2147483648":1}}"#, #""2147483648" is not a key of this map"#),
    Refused(GoldenMaps.self, #"{"byBool":{"True":true}}"#, #""True" is not a key of this map"#),
    Refused(GoldenMaps.self, #"{"texts":[]}"#, "an object belongs here, not an array"),
    Refused(GoldenChoice.self, #"{"number":1,"text":"t"}"#, #"only one of "number" and "text" can be set"#),
  ]

  private static let badTimes: [Refused] =
    [
      "2018-09-04", "2018-09-04T09:30:00", "2018-09-04T09:30:00z", "2018-09-04t09:30:00Z", "2018-09-04 09:30:00Z",
      "2018-13-04T09:30:00Z", "2018-02-29T09:30:00Z", "2018-09-04T24:00:00Z", "2018-09-04T09:60:00Z",
      "2018-09-04T09:30:60Z", "2018-09-04T09:30:00.Z", "2018-09-04T09:30:00.1234567890Z", "0000-12-31T23:59:59Z",
      "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2018-9-04T09:30:00Z", "",
    ].map {
      Refused(
        known, #"{"timestamp":"\#($0)"}"#, #"a time such as "2018-09-04T09:30:00Z" belongs here"#,
        isStricter: ["2018-9-04T09:30:00Z", "2018-09-04T09:30:00.Z"].contains($0))
    }
    + ["1", "s", "1.s", ".5s", "+1s", "1.1234567890s", "315576000001s", "1e3s", "1 s", "--1s", ""].map {
      Refused(
        known, #"{"duration":"\#($0)"}"#, #"a duration such as "1.5s" belongs here"#,
        isStricter: ["1.s", "+1s", "1.1234567890s", "1 s"].contains($0))
    } + [
      Refused(known, #"{"timestamp":1}"#, "a string belongs here, not a number"),
      Refused(known, #"{"duration":1}"#, "a string belongs here, not a number"),
      Refused(known, #"{"mask":"start_date"}"#, "names of fields in lowerCamelCase, joined by commas, belong here"),
    ]

  private static let badDynamic: [Refused] = [
    Refused(known, #"{"int32Wrapper":"x"}"#, "a whole number from"),
    Refused(known, #"{"int32Wrapper":{"value":1}}"#, "a whole number belongs here"),
    Refused(known, #"{"structure":[]}"#, "an object belongs here, not an array"),
    Refused(known, #"{"list":{}}"#, "an array belongs here, not an object"),
    Refused(known, #"{"value":1e309}"#, "the number is too large for its field", isStricter: true),
    Refused(known, #"{"timestamps":[null]}"#, "an element cannot be null"),
    Refused(known, #"{"any":{"int32Value":7}}"#, #"an Any needs a member "@type""#),
    Refused(known, #"{"any":{"@type":"type.googleapis.com/stray.Type"}}"#, "is not known here"),
    Refused(known, #"{"any":{"@type":"golden.v1.Scalars"}}"#, "is not known here", isStricter: true),
    Refused(known, #"{"any":{"@type":1}}"#, "a string belongs here, not a number"),
    Refused(
      known, #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","seconds":1}}"#,
      #"an Any with google.protobuf.Duration has just one more member, "value""#),
    Refused(
      known, #"{"any":{"@type":"type.googleapis.com/golden.v1.Scalars","stray":1}}"#, #"has no field "stray""#),
    Refused(known, #"{"pickedNull":null,"pickedValue":1}"#, "only one of", isStricter: true),
    Refused(known, #"{"empty":{"a":1}}"#, #"google.protobuf.Empty has no field "a""#),
  ]
}
