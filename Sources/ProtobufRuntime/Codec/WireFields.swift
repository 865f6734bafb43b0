// SAFETY: the bytes are seen only while they are checked; the descriptor is a constant of the generated C code.

/// The fields of an encoded message that is known to be whole: checked before, or made by the generator.
package struct WireFields: Sequence, IteratorProtocol {
  /// One field.
  package struct Field {
    /// Its number.
    package let number: Int32
    let wireType: UInt32
    /// Where the field's value lies in the bytes, the length in front of it included.
    let value: Range<Int>
    /// Where the contents of a length-delimited field lie.
    let contents: Range<Int>
    /// Where the field lies with its tag.
    let whole: Range<Int>
  }

  private let bytes: [UInt8]
  private let end: Int
  private var offset: Int

  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    offset = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// The fields of an encoded message of a type, each message field that is not repeated once; nothing is decoded.
  /// - Throws: `malformed`, `truncated`, `wireTypeMismatch`, `groupRefused`, `nestedTooDeep`.
  package init<Message: ProtobufMessage>(checking bytes: [UInt8], as type: Message.Type) throws(ProtobufError) {
    let descriptor = unsafe Message.structLayout.descriptor
    let hasParts = try unsafe bytes.span.bytes.withUnsafeBytes { bytes throws(ProtobufError) in
      try unsafe WireGuard.check(bytes, as: descriptor, nestingMax: DecodingOptions().nestingMax)
    }
    self.init(hasParts ? unsafe WireMerge.joined(bytes, as: descriptor) : bytes)
  }

  /// The fields of a message that is the value of a field.
  package func fields(of field: Field) -> WireFields { WireFields(bytes, in: field.contents) }

  /// The bytes of a text, of bytes or of a message that is the value of a field.
  package func contents(of field: Field) -> ArraySlice<UInt8> { bytes[field.contents] }

  package mutating func next() -> Field? {
    guard offset < end else { return nil }
    let begin = offset
    let tag = varint()
    let start = offset
    var contents = start
    switch tag & 7 {
    case 0: _ = varint()
    case 1: offset += 8
    case 2:
      let length = Int(varint())
      contents = offset
      offset += length
    default: offset += 4
    }
    return Field(
      number: Int32(tag >> 3), wireType: UInt32(tag & 7), value: start..<offset, contents: contents..<offset,
      whole: begin..<offset)
  }

  private mutating func varint() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }
}
