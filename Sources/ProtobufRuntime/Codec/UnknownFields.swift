internal import CProtobufC

/// The fields of a received message that its type does not declare, kept so that passing it on loses nothing.
///
/// They are written back after the known fields, in the order in which they came.
public struct UnknownFields: Sendable, Equatable {
  /// The fields' encoding, tags included.
  public private(set) var bytes: [UInt8] = []

  /// Creates an empty set.
  public init() {}

  /// Whether the message had declared fields only.
  public var isEmpty: Bool { bytes.isEmpty }
}

extension UnknownFields {
  /// One field of the encoding.
  struct Field {
    let number: UInt32
    let wireType: UInt32
    /// Where its value lies in `bytes`, the length in front of it included.
    let payload: Range<Int>
  }

  /// The fields that libprotobuf-c kept in an unpacked struct.
  @usableFromInline
  init(ofStruct address: UnsafeRawPointer) {
    // SAFETY: every struct made by protoc-c starts with a ProtobufCMessage.
    let header = unsafe address.assumingMemoryBound(to: ProtobufCMessage.self).pointee
    let count = unsafe Int(header.n_unknown_fields)
    for index in 0..<count {
      let field = unsafe header.unknown_fields[index]
      unsafe append(varint: UInt64(field.tag) << 3 | UInt64(field.wire_type.rawValue))
      unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: field.data, count: field.len))
    }
  }

  /// The single fields. The encoding is known to be whole: it was checked when it was received.
  func split() -> [Field] {
    var fields: [Field] = []
    var offset = 0
    while offset < bytes.count {
      let tag = varint(at: &offset)
      let start = offset
      switch tag & 7 {
      case 0: _ = varint(at: &offset)
      case 1: offset += 8
      case 2:
        let length = Int(varint(at: &offset))
        offset += length
      default: offset += 4
      }
      fields.append(Field(number: UInt32(tag >> 3), wireType: UInt32(tag & 7), payload: start..<offset))
    }
    return fields
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private func varint(at offset: inout Int) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while bytes[offset] >= 0x80 {
      value |= UInt64(bytes[offset] & 0x7F) << shift
      shift += 7
      offset += 1
    }
    value |= UInt64(bytes[offset]) << shift
    offset += 1
    return value
  }
}
