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

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
