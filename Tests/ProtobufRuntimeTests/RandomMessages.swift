import Foundation
import GoldenProtos
import GoogleAPI
import ProtobufRuntime

/// Messages with fields set at random, every one of which has a JSON form.
struct RandomMessages: RandomNumberGenerator {
  /// A new one for each run, so that time finds what one run does not; `PLENARY_TEST_SEED=…` repeats a run.
  static let seed: UInt64 = {
    let seed =
      ProcessInfo.processInfo.environment["PLENARY_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...(.max))
    print("random messages: PLENARY_TEST_SEED=\(seed)")
    return seed
  }()

  private static let nestingMax = 5
  private var state: UInt64

  init(seed: UInt64 = RandomMessages.seed) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func message<Message: ProtobufMessage>(_ type: Message.Type) throws -> Message {
    guard let message = try message(type, nesting: 0) as? Message else {
      preconditionFailure("a message of another type than \(type)")
    }
    return message
  }

  private mutating func message(_ type: any ProtobufMessage.Type, nesting: Int) throws -> any ProtobufMessage {
    switch type.descriptor.fullName {
    case "google.protobuf.Timestamp":
      return ProtobufTimestamp(seconds: pick(-62_135_596_800...253_402_300_799), nanos: nanos())
    case "google.protobuf.Duration":
      let seconds: Int64 = pick(-315_576_000_000...315_576_000_000)
      return ProtobufDuration(.seconds(seconds) + .nanoseconds(Int64(nanos()) * seconds.signum()))
    case "google.protobuf.FieldMask":
      return ProtobufFieldMask(paths: (0..<pick(0...3)).map { _ in ["a", "b_c", "d_e.f_g"][pick(0...2)] })
    case "google.protobuf.Any":
      guard chance(0.5) else { return ProtobufAny() }
      if chance(0.5) { return try ProtobufAny(packing: ProtobufDuration(.milliseconds(pick(-9999...9999)))) }
      return try ProtobufAny(packing: try message(GoldenScalars.self))
    case "google.protobuf.Value": return dynamicValue(nesting: nesting)
    default: break
    }
    var message = type.init()
    for field in type.descriptor.fields where chance(nesting == 0 ? 0.8 : 0.4) {
      try message.setValue(value(of: field, nesting: nesting), ofField: field.number)
    }
    return message
  }

  private mutating func value(of field: FieldDescriptor, nesting: Int) throws -> FieldValue? {
    if case .map(let key, let value) = field.type {
      return .map(
        try (0..<pick(0...3)).compactMap { _ in
          guard let key = try one(key, nesting: nesting), let value = try one(value, nesting: nesting) else {
            return nil
          }
          return FieldMapEntry(key: key, value: value)
        })
    }
    guard field.cardinality == .repeated else { return try one(field.type, nesting: nesting) }
    return .list(try (0..<pick(0...4)).compactMap { _ in try one(field.type, nesting: nesting) })
  }

  private mutating func one(_ type: FieldType, nesting: Int) throws -> FieldValue? {
    switch type {
    case .double: .double(double())
    case .float: .float(float())
    case .int32: .int32(Int32(truncatingIfNeeded: integer()))
    case .int64: .int64(Int64(truncatingIfNeeded: integer()))
    case .uint32: .uint32(UInt32(truncatingIfNeeded: integer()))
    case .uint64: .uint64(integer())
    case .bool: .bool(chance(0.5))
    case .string: .string(text())
    case .bytes: .bytes((0..<pick(0...8)).map { _ in UInt8(truncatingIfNeeded: next()) })
    // JSON has one null, and no number besides.
    case .enumeration(let type) where type.descriptor.fullName == "google.protobuf.NullValue": .enumeration(0)
    case .enumeration: .enumeration(chance(0.2) ? Int32(truncatingIfNeeded: next()) : pick(-1...3))
    case .message(let type):
      nesting < Self.nestingMax ? .message(try message(type, nesting: nesting + 1)) : nil
    case .map: nil
    }
  }

  private mutating func dynamicValue(nesting: Int) -> ProtobufValue {
    ProtobufValue.with {
      switch pick(nesting < Self.nestingMax ? 0...5 : 0...3) {
      case 0: $0.kind = .nullValue(.nullValue)
      case 1: $0.kind = .numberValue(Double(Int32(truncatingIfNeeded: next())) / 8)
      case 2: $0.kind = .stringValue(text())
      case 3: $0.kind = .boolValue(chance(0.5))
      case 4:
        $0.kind = .structValue(
          ProtobufStruct.with { value in
            for _ in 0..<pick(0...2) { value.fields[text()] = dynamicValue(nesting: nesting + 1) }
          })
      default:
        $0.kind = .listValue(
          ProtobufListValue.with { list in
            for _ in 0..<pick(0...2) { list.values.append(dynamicValue(nesting: nesting + 1)) }
          })
      }
    }
  }

  private mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
  private mutating func pick<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
    Number.random(in: range, using: &self)
  }

  /// Few bits or many, the ends included.
  private mutating func integer() -> UInt64 {
    switch pick(0...5) {
    case 0: 0
    case 1: .max
    case 2: 1 << 63
    case 3: 1 << 31
    default: next() >> pick(0...63)
    }
  }

  private mutating func double() -> Double {
    switch pick(0...6) {
    case 0: 0
    case 1: -0.0
    case 2: [Double.nan, .infinity, -.infinity][pick(0...2)]
    case 3: Double(Int32(truncatingIfNeeded: next()))
    default: finite(Double(bitPattern: next()))
    }
  }

  private mutating func float() -> Float {
    switch pick(0...6) {
    case 0: 0
    case 1: -0.0
    case 2: [Float.nan, .infinity, -.infinity][pick(0...2)]
    case 3: Float(Int16(truncatingIfNeeded: next()))
    // Python writes a subnormal float with six digits where fewer say as much.
    default: normal(Float(bitPattern: UInt32(truncatingIfNeeded: next())))
    }
  }

  private func normal<Number: BinaryFloatingPoint>(_ number: Number) -> Number { number.isNormal ? number : 1 }
  private func finite<Number: BinaryFloatingPoint>(_ number: Number) -> Number { number.isFinite ? number : 1 }

  private mutating func nanos() -> Int32 {
    [0, pick(0...999) * 1_000_000, pick(0...999_999) * 1_000, pick(0...999_999_999)][pick(0...3)]
  }

  /// Characters of one to four bytes, and those that JSON escapes.
  private mutating func text() -> String {
    let alphabet: [Unicode.Scalar] = [
      "\u{0}", "\n", "\"", "\\", "/", "a", "Z", "0", "\u{7F}", "ß", "語", "\u{2028}", "😀",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<pick(0...6) { text.append(alphabet[pick(0...alphabet.count - 1)]) }
    return String(text)
  }
}
