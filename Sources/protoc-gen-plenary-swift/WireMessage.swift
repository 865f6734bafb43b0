/// An encoded protobuf message taken apart into its fields, of which nothing but the wire format is known.
///
/// Descriptors are read, and rewritten, in this form: options that are extensions (`google.api`, protobuf-c's own) are
/// fields like any other here, and what a rewrite does not touch stays as it is.
struct WireMessage {
  enum Value: Equatable {
    case varint(UInt64)
    case fixed64([UInt8])
    case bytes([UInt8])
    case fixed32([UInt8])
  }

  struct Field: Equatable {
    let number: Int
    var value: Value
  }

  var fields: [Field] = []

  init() {}

  init(_ bytes: [UInt8]) throws {
    var reader = WireReader(bytes: bytes)
    while let field = try reader.next() { fields.append(field) }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for field in fields {
      let wireType: UInt64 =
        switch field.value {
        case .varint: 0
        case .fixed64: 1
        case .bytes: 2
        case .fixed32: 5
        }
      bytes.append(varint: UInt64(field.number) << 3 | wireType)
      switch field.value {
      case .varint(let value): bytes.append(varint: value)
      case .fixed64(let value), .fixed32(let value): bytes += value
      case .bytes(let value):
        bytes.append(varint: UInt64(value.count))
        bytes += value
      }
    }
    return bytes
  }
}

// Reading.
extension WireMessage {
  /// The last value of a field that holds a number, as proto2 and proto3 define it.
  func number(_ field: Int) -> Int? {
    for candidate in fields.reversed() where candidate.number == field {
      if case .varint(let value) = candidate.value { return Int(truncatingIfNeeded: value) }
    }
    return nil
  }

  func bool(_ field: Int) -> Bool { number(field) ?? 0 != 0 }

  func payloads(_ field: Int) -> [[UInt8]] {
    fields.compactMap { candidate in
      guard candidate.number == field, case .bytes(let bytes) = candidate.value else { return nil }
      return bytes
    }
  }

  func string(_ field: Int) -> String { payloads(field).last.map { String(decoding: $0, as: UTF8.self) } ?? "" }

  func strings(_ field: Int) -> [String] { payloads(field).map { String(decoding: $0, as: UTF8.self) } }

  func messages(_ field: Int) throws -> [WireMessage] { try payloads(field).map(WireMessage.init) }

  /// A singular message: its occurrences merge, so one after the other they are one message.
  func message(_ field: Int) throws -> WireMessage { try WireMessage(payloads(field).flatMap { $0 }) }

  /// The elements of a repeated number field, packed or not.
  func numbers(_ field: Int) throws -> [Int] {
    try fields.filter { $0.number == field }.flatMap { candidate -> [Int] in
      switch candidate.value {
      case .varint(let value): return [Int(truncatingIfNeeded: value)]
      case .bytes(let packed):
        var reader = WireReader(bytes: packed)
        return try reader.allVarints().map { Int(truncatingIfNeeded: $0) }
      default: return []
      }
    }
  }
}

// Writing.
extension WireMessage {
  mutating func append(_ number: Int, _ text: String) { append(number, Array(text.utf8)) }

  mutating func append(_ number: Int, _ payload: [UInt8]) {
    fields.append(Field(number: number, value: .bytes(payload)))
  }

  mutating func append(_ number: Int, _ value: Int) {
    fields.append(Field(number: number, value: .varint(UInt64(value))))
  }

  mutating func remove(_ number: Int) { fields.removeAll { $0.number == number } }

  /// Replaces every message that a field holds.
  mutating func rewrite(_ number: Int, _ change: (inout WireMessage) throws -> Void) throws {
    for index in fields.indices where fields[index].number == number {
      guard case .bytes(let payload) = fields[index].value else { continue }
      var message = try WireMessage(payload)
      try change(&message)
      fields[index].value = .bytes(message.bytes)
    }
  }
}

struct WireReader {
  let bytes: [UInt8]
  private var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() throws -> WireMessage.Field? {
    guard offset < bytes.count else { return nil }
    let tag = try varint()
    let value: WireMessage.Value =
      switch tag & 7 {
      case 0: .varint(try varint())
      case 1: .fixed64(try take(8))
      case 2: .bytes(try take(Int(try varint())))
      case 5: .fixed32(try take(4))
      default: throw GeneratorError("a descriptor holds wire type \(tag & 7)")
      }
    return WireMessage.Field(number: Int(tag >> 3), value: value)
  }

  mutating func allVarints() throws -> [UInt64] {
    var values: [UInt64] = []
    while offset < bytes.count { values.append(try varint()) }
    return values
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= bytes.count - offset else { throw GeneratorError("a descriptor ends early") }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try take(1)[0]
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw GeneratorError("a descriptor holds an endless number")
  }
}

extension [UInt8] {
  fileprivate mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
