internal import CProtobufC

// SAFETY: `offset` never passes the `end` of the message being walked, and no `end` lies beyond that of the caller's
// bytes; descriptors are constants of the generated C code.
/// Walks the raw bytes of a message before libprotobuf-c sees them.
///
/// libprotobuf-c 1.4.1 recurses without a limit (about 1 kB of stack a level), and gives one and the same answer to
/// every kind of malformed input. The walk bounds the depth, and says what is wrong and where. It allocates nothing.
@safe struct WireGuard: ~Copyable {
  // protobuf encoding, "Message Structure": the low three bits of a tag.
  private enum WireType {
    static let varint: UInt64 = 0
    static let fixed64: UInt64 = 1
    static let lengthDelimited: UInt64 = 2
    static let startGroup: UInt64 = 3
    static let endGroup: UInt64 = 4
    static let fixed32: UInt64 = 5
  }

  private static let tagBytesMax = 5
  /// Lengths have 32 bits; libprotobuf-c reads no longer ones.
  private static let lengthBytesMax = 5
  private static let varintBytesMax = 10

  private let bytes: UnsafePointer<UInt8>
  private let nestingMax: Int
  private var offset = 0
  /// Whether a message field that is not repeated may have come twice.
  private var hasParts = false

  /// Checks one encoded message.
  /// - Returns: whether some field may have come in parts, which `WireMerge` joins.
  /// - Throws: `malformed`, `truncated`, `wireTypeMismatch`, `groupRefused`, `nestedTooDeep`.
  static func check(
    _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>, nestingMax: Int
  ) throws(ProtobufError) -> Bool {
    guard let start = bytes.baseAddress else { return false }
    var guardian = unsafe WireGuard(
      bytes: start.assumingMemoryBound(to: UInt8.self), nestingMax: nestingMax)
    try unsafe guardian.message(end: bytes.count, descriptor, depth: 0)
    return guardian.hasParts
  }

  private init(bytes: UnsafePointer<UInt8>, nestingMax: Int) {
    unsafe self.bytes = bytes
    self.nestingMax = nestingMax
  }

  private mutating func message(
    end: Int, _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, depth: Int
  ) throws(ProtobufError) {
    // Encoders write fields in the order of their numbers, so the field after the last one is the likely next.
    var likely = 0
    // Which message fields below 64 have come, a bit for each. Of higher numbers it is only known that none comes again as
    // long as they rise.
    var seen: UInt64 = 0
    var highest: UInt64 = 0
    while offset < end {
      let tag = try varint(end: end, bytesMax: Self.tagBytesMax)
      let number = tag >> 3
      guard number > 0, number <= 0x1FFF_FFFF else {
        throw ProtobufError(.malformed, "field number \(number) is not allowed")
      }
      let field = unsafe Self.field(UInt32(number), of: descriptor, likely: &likely)
      if let field = unsafe field {
        try unsafe Self.check(wireType: tag & 7, of: field)
      }
      switch tag & 7 {
      case WireType.varint: try skipVarint(end: end, number)
      case WireType.fixed64: try skip(8, end: end, number)
      case WireType.fixed32: try skip(4, end: end, number)
      case WireType.lengthDelimited:
        let length = try length(end: end, number)
        guard length <= UInt64(end - offset) else { throw .truncated(number) }
        if let field = unsafe field, unsafe field.pointee.type == PROTOBUF_C_TYPE_MESSAGE {
          if unsafe WireMerge.isSingularMessage(field) {
            let bit: UInt64 = number < 64 ? 1 << number : 0
            if seen & bit != 0 || bit == 0 && number <= highest { hasParts = true }
            seen |= bit
          }
          try unsafe submessage(end: offset + Int(length), field, depth: depth + 1)
        } else {
          offset += Int(length)
        }
      case WireType.startGroup, WireType.endGroup:
        throw ProtobufError(.groupRefused, "groups are not accepted", at: .field(Int32(number)))
      default:
        throw ProtobufError(.malformed, "wire type \(tag & 7) does not exist", at: .field(Int32(number)))
      }
      highest = max(highest, number)
    }
  }

  private mutating func submessage(
    end: Int, _ field: UnsafePointer<ProtobufCFieldDescriptor>, depth: Int
  ) throws(ProtobufError) {
    guard depth <= nestingMax else {
      throw ProtobufError(.nestedTooDeep, "messages lie more than \(nestingMax) deep within each other")
    }
    guard let descriptor = unsafe field.pointee.descriptor else { return }
    do {
      try unsafe message(
        end: end, descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self), depth: depth)
    } catch {
      // The path of a message that nests too deep would say a hundred times the same.
      throw error.code == .nestedTooDeep ? error : error.within(.field(Int32(unsafe field.pointee.id)))
    }
  }

  @inline(__always)
  private mutating func skipVarint(end: Int, _ number: UInt64) throws(ProtobufError) {
    do {
      _ = try varint(end: end, bytesMax: Self.varintBytesMax)
    } catch {
      throw error.within(.field(Int32(number)))
    }
  }

  @inline(__always)
  private mutating func length(end: Int, _ number: UInt64) throws(ProtobufError) -> UInt64 {
    do {
      return try varint(end: end, bytesMax: Self.lengthBytesMax)
    } catch {
      throw error.within(.field(Int32(number)))
    }
  }

  @inline(__always)
  private mutating func varint(end: Int, bytesMax: Int) throws(ProtobufError) -> UInt64 {
    if offset < end {
      let first = unsafe bytes[offset]
      if first < 0x80 {
        offset += 1
        return UInt64(first)
      }
      // Fields from 16 on have tags of two bytes, and so have the lengths of most texts beyond 127.
      if offset + 1 < end, unsafe bytes[offset + 1] < 0x80 {
        let second = unsafe bytes[offset + 1]
        offset += 2
        return UInt64(first & 0x7F) | UInt64(second) << 7
      }
    }
    return try longVarint(end: end, bytesMax: bytesMax)
  }

  private mutating func longVarint(end: Int, bytesMax: Int) throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    for position in 0..<bytesMax {
      guard offset < end else { throw ProtobufError(.truncated, "the message ends within a number") }
      let byte = unsafe bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << (7 * UInt64(position))
      if byte < 0x80 { return value }
    }
    throw ProtobufError(.malformed, "a variable-length number is longer than \(bytesMax) bytes")
  }

  @inline(__always)
  private mutating func skip(_ count: Int, end: Int, _ number: UInt64) throws(ProtobufError) {
    guard end - offset >= count else { throw .truncated(number) }
    offset += count
  }

  @inline(__always)
  private static func field(
    _ number: UInt32, of descriptor: UnsafePointer<ProtobufCMessageDescriptor>, likely: inout Int
  ) -> UnsafePointer<ProtobufCFieldDescriptor>? {
    if unsafe likely < Int(descriptor.pointee.n_fields), unsafe descriptor.pointee.fields[likely].id == number {
      likely += 1
      return unsafe descriptor.pointee.fields + (likely - 1)
    }
    guard let field = unsafe protobuf_c_message_descriptor_get_field(descriptor, number) else { return nil }
    unsafe likely = field - descriptor.pointee.fields
    // A repeated field is likely to come again, any other one is not.
    if unsafe field.pointee.label != PROTOBUF_C_LABEL_REPEATED { likely += 1 }
    return unsafe field
  }

  @inline(__always)
  private static func check(
    wireType: UInt64, of field: UnsafePointer<ProtobufCFieldDescriptor>
  ) throws(ProtobufError) {
    let expected = unsafe Self.wireType(of: field.pointee.type)
    // What does not exist at all is refused where the value is skipped.
    if wireType == expected || wireType > WireType.fixed32 { return }
    // protobuf encoding, "Packed Repeated Fields": a parser accepts both forms, whatever the declaration says.
    if wireType == WireType.lengthDelimited, unsafe field.pointee.label == PROTOBUF_C_LABEL_REPEATED { return }
    let number = unsafe Int32(field.pointee.id)
    if wireType == WireType.startGroup || wireType == WireType.endGroup {
      throw ProtobufError(.groupRefused, "groups are not accepted", at: .field(number))
    }
    throw ProtobufError(
      .wireTypeMismatch, "the field has wire type \(wireType) where \(expected) belongs", at: .field(number))
  }

  private static func wireType(of type: ProtobufCType) -> UInt64 {
    switch type {
    case PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_FLOAT: WireType.fixed32
    case PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_DOUBLE: WireType.fixed64
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: WireType.lengthDelimited
    default: WireType.varint
    }
  }
}

extension ProtobufError {
  fileprivate static func truncated(_ number: UInt64) -> ProtobufError {
    ProtobufError(.truncated, "the message ends within the field", at: .field(Int32(number)))
  }
}
