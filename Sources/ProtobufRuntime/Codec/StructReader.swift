internal import CProtobufC

// SAFETY: generated code hands in the pointers and counts of one field of a struct that libprotobuf-c has just unpacked.
// They are used before the function returns.
/// Takes Swift values out of unpacked libprotobuf-c structs; called by generated code.
public enum StructReader {
  /// A string field, checked to be UTF-8; `Data` is the C struct of a string.
  @inlinable
  public static func string<Data>(_ data: Data, _ number: Int32) throws(ProtobufError) -> String {
    try unsafe text(unsafeBitCast(data, to: BinaryData.self), number)
  }

  /// A bytes field; `Data` is the C struct of a bytes value.
  @inlinable
  public static func bytes<Data>(_ data: Data) -> [UInt8] {
    unsafe array(unsafeBitCast(data, to: BinaryData.self))
  }

  /// A repeated string field; `Data` is the C struct of a string.
  public static func strings<Data>(
    _ elements: UnsafeMutablePointer<Data>?, _ count: Int, _ number: Int32
  ) throws(ProtobufError) -> [String] {
    let elements = unsafe binaryData(elements, count)
    var strings: [String] = []
    strings.reserveCapacity(count)
    for index in 0..<count {
      do {
        strings.append(try unsafe text(elements[index], number))
      } catch {
        throw ProtobufError(error.code, error.reason, at: .field(number), .index(index))
      }
    }
    return strings
  }

  /// A repeated bytes field; `Data` is the C struct of a bytes value.
  public static func byteArrays<Data>(_ elements: UnsafeMutablePointer<Data>?, _ count: Int) -> [[UInt8]] {
    let elements = unsafe binaryData(elements, count)
    return (0..<count).map { unsafe array(elements[$0]) }
  }

  /// A repeated field of a type that C and Swift represent alike.
  public static func scalars<Number: BitwiseCopyable>(
    _ elements: UnsafeMutablePointer<Number>?, _ count: Int
  ) -> [Number] {
    unsafe [Number](UnsafeBufferPointer(start: elements, count: count))
  }

  /// A repeated bool field.
  public static func bools(_ elements: UnsafeMutablePointer<Int32>?, _ count: Int) -> [Bool] {
    unsafe UnsafeBufferPointer(start: elements, count: count).map { $0 != 0 }
  }

  /// A repeated enum field; `CEnum` is the C enum.
  public static func enums<Value: ProtobufEnum, CEnum>(
    _ elements: UnsafeMutablePointer<CEnum>?, _ count: Int
  ) -> [Value] {
    // protoc-c gives every enum the size of an int.
    precondition(MemoryLayout<CEnum>.size == MemoryLayout<Int32>.size)
    let numbers = unsafe UnsafeRawBufferPointer(start: elements, count: count * MemoryLayout<Int32>.size)
    return unsafe numbers.bindMemory(to: Int32.self).map(Value.init(rawValue:))
  }

  /// A message field.
  @inlinable
  public static func message<Message: ProtobufMessage, CStruct>(
    _ pointer: UnsafeMutablePointer<CStruct>?, _ number: Int32
  ) throws(ProtobufError) -> Message? {
    guard let pointer = unsafe pointer else { return nil }
    return try unsafe presentMessage(pointer, number)
  }

  /// A message field that is set, such as the chosen member of a oneof.
  @inlinable
  public static func presentMessage<Message: ProtobufMessage, CStruct>(
    _ pointer: UnsafeMutablePointer<CStruct>?, _ number: Int32
  ) throws(ProtobufError) -> Message {
    guard let pointer = unsafe pointer else { return Message() }
    do {
      var message = Message()
      try unsafe read(UnsafeRawPointer(pointer), into: &message)
      return message
    } catch {
      throw error.within(.field(number))
    }
  }

  /// A repeated message field.
  @inlinable
  public static func messages<Message: ProtobufMessage, CStruct>(
    _ elements: UnsafeMutablePointer<UnsafeMutablePointer<CStruct>?>?, _ count: Int, _ number: Int32
  ) throws(ProtobufError) -> [Message] {
    var messages: [Message] = []
    guard let elements = unsafe elements else { return messages }
    messages.reserveCapacity(count)
    for index in 0..<count {
      guard let element = unsafe elements[index] else { continue }
      do {
        messages.append(Message())
        try unsafe read(UnsafeRawPointer(element), into: &messages[messages.count - 1])
      } catch {
        throw error.within(.field(number), .index(index))
      }
    }
    return messages
  }

  /// A map field, which travels as a repeated entry message; of entries with the same key the last one counts.
  @inlinable
  public static func map<Key: ScalarElement & Hashable, Value: FieldElement, CEntry>(
    _ entries: UnsafeMutablePointer<UnsafeMutablePointer<CEntry>?>?, _ count: Int, _ number: Int32,
    _ read: (UnsafeMutablePointer<CEntry>) throws(ProtobufError) -> (Key, Value)
  ) throws(ProtobufError) -> [Key: Value] {
    var map: [Key: Value] = [:]
    guard let entries = unsafe entries else { return map }
    map.reserveCapacity(count)
    for index in 0..<count {
      guard let entry = unsafe entries[index] else { continue }
      do {
        let (key, value) = try unsafe read(entry)
        try checkHashing(of: key)
        map[key] = value
      } catch {
        throw error.within(.field(number), .index(index))
      }
    }
    return map
  }

  /// Refuses a key whose hash would cost out of proportion to its length.
  @usableFromInline
  static func checkHashing<Key>(of key: Key) throws(ProtobufError) {
    guard let text = key as? String, !text.isStreamSafe else { return }
    throw ProtobufError(
      .valueOutOfRange, "the key has more than \(String.combiningMarkCountMax) combining marks in a row", at: .field(1))
  }

  /// Fills an empty message from the struct at `address`, unknown fields included.
  ///
  /// It is filled in place: a message is a large struct, and copying one retains everything in it.
  @inlinable
  static func read(
    _ address: UnsafeRawPointer, into message: inout some ProtobufMessage
  ) throws(ProtobufError) {
    try unsafe message.read(fromStruct: address)
    if unsafe hasUnknownFields(address) {
      unsafe message.unknownFields = UnknownFields(ofStruct: address)
    }
  }

  @usableFromInline
  static func hasUnknownFields(_ address: UnsafeRawPointer) -> Bool {
    unsafe address.assumingMemoryBound(to: ProtobufCMessage.self).pointee.n_unknown_fields != 0
  }

  @usableFromInline
  static func text(_ data: BinaryData, _ number: Int32) throws(ProtobufError) -> String {
    guard unsafe data.length > 0, let start = unsafe data.start else { return "" }
    do {
      let text = try unsafe UTF8Span(validating: UnsafeBufferPointer(start: start, count: data.length).span)
      return String(copying: text)
    } catch {
      throw ProtobufError(.invalidUTF8, "the text is not valid UTF-8", at: .field(number))
    }
  }

  @usableFromInline
  static func array(_ data: BinaryData) -> [UInt8] {
    guard unsafe data.length > 0, let start = unsafe data.start else { return [] }
    return unsafe [UInt8](UnsafeBufferPointer(start: start, count: data.length))
  }

  private static func binaryData<Data>(
    _ elements: UnsafeMutablePointer<Data>?, _ count: Int
  ) -> UnsafeBufferPointer<BinaryData> {
    unsafe precondition(MemoryLayout<Data>.stride == MemoryLayout<BinaryData>.stride)
    return unsafe UnsafeRawBufferPointer(start: elements, count: count * MemoryLayout<Data>.stride)
      .bindMemory(to: BinaryData.self)
  }
}
