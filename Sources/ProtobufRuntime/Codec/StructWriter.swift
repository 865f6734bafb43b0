internal import CProtobufC

// SAFETY: all memory comes from the arena, which outlives the packing, and is initialized here before its address is
// given to a struct; a count never exceeds the elements behind it.
/// Puts Swift values into libprotobuf-c structs that live in an arena; called by generated code.
///
/// Packing trusts its structs blindly: a NULL element packs as an empty one, a NULL string with a length crashes. Only
/// these functions build them, and none leaves such a hole.
public struct StructWriter: ~Copyable {
  /// How many messages may lie within each other below the outermost one: what a decoder accepts by default.
  static let nestingMax = 100

  private var arena: Arena
  private var nesting = 0
  /// Whether a message was left out because it lay too deep.
  private(set) var isTooDeep = false

  init(arena: consuming Arena) { self.arena = arena }

  /// The struct of a whole message.
  mutating func root(_ message: some ProtobufMessage) -> UnsafeMutableRawPointer {
    unsafe write(message)
  }

  /// A string field; `Data` is the C struct of a string.
  @inlinable
  public mutating func string<Data>(_ string: String) -> Data {
    unsafe unsafeBitCast(store(string), to: Data.self)
  }

  /// A bytes field; `Data` is the C struct of a bytes value.
  @inlinable
  public mutating func bytes<Data>(_ bytes: [UInt8]) -> Data {
    unsafe unsafeBitCast(store(bytes), to: Data.self)
  }

  /// A repeated string field; `Data` is the C struct of a string.
  @inlinable
  public mutating func strings<Data>(_ strings: [String], count: inout Int) -> UnsafeMutablePointer<Data>? {
    count = strings.count
    guard count > 0 else { return nil }
    let elements: UnsafeMutablePointer<Data> = unsafe array(count)
    for (index, text) in strings.enumerated() { unsafe (elements + index).initialize(to: string(text)) }
    return unsafe elements
  }

  /// A repeated bytes field; `Data` is the C struct of a bytes value.
  @inlinable
  public mutating func byteArrays<Data>(_ arrays: [[UInt8]], count: inout Int) -> UnsafeMutablePointer<Data>? {
    count = arrays.count
    guard count > 0 else { return nil }
    let elements: UnsafeMutablePointer<Data> = unsafe array(count)
    for (index, array) in arrays.enumerated() { unsafe (elements + index).initialize(to: bytes(array)) }
    return unsafe elements
  }

  /// A repeated field of a type that C and Swift represent alike.
  public mutating func scalars<Number: BitwiseCopyable>(
    _ numbers: [Number], count: inout Int
  ) -> UnsafeMutablePointer<Number>? {
    count = numbers.count
    guard count > 0 else { return nil }
    let elements: UnsafeMutablePointer<Number> = unsafe array(count)
    for (index, number) in numbers.enumerated() { unsafe (elements + index).initialize(to: number) }
    return unsafe elements
  }

  /// A repeated bool field.
  public mutating func bools(_ truths: [Bool], count: inout Int) -> UnsafeMutablePointer<Int32>? {
    unsafe scalars(truths.map { $0 ? 1 : 0 }, count: &count)
  }

  /// A repeated enum field; `CEnum` is the C enum.
  public mutating func enums<CEnum>(
    _ values: [some ProtobufEnum], count: inout Int
  ) -> UnsafeMutablePointer<CEnum>? {
    // protoc-c gives every enum the size of an int.
    precondition(MemoryLayout<CEnum>.size == MemoryLayout<Int32>.size)
    guard let numbers = unsafe scalars(values.map(\.rawValue), count: &count) else { return nil }
    return unsafe UnsafeMutableRawPointer(numbers).bindMemory(to: CEnum.self, capacity: count)
  }

  /// A message field; NULL for one that is not set.
  @inlinable
  public mutating func message<CStruct>(_ message: (some ProtobufMessage)?) -> UnsafeMutablePointer<CStruct>? {
    guard let message else { return nil }
    return unsafe nested(message)?.assumingMemoryBound(to: CStruct.self)
  }

  /// A repeated message field.
  @inlinable
  public mutating func messages<CStruct>(
    _ messages: [some ProtobufMessage], count: inout Int
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CStruct>?>? {
    count = 0
    guard !messages.isEmpty else { return nil }
    let elements: UnsafeMutablePointer<UnsafeMutablePointer<CStruct>?> = unsafe array(messages.count)
    for message in messages {
      guard let element = unsafe nested(message) else { continue }
      unsafe (elements + count).initialize(to: element.assumingMemoryBound(to: CStruct.self))
      count += 1
    }
    return unsafe elements
  }

  /// A map field, which travels as a repeated entry message, sorted by key so that equal messages encode alike.
  @inlinable
  public mutating func map<Key: MapKeyElement, Value: FieldElement, CEntry>(
    _ map: [Key: Value], _ layout: StructLayout, count: inout Int,
    _ write: (UnsafeMutablePointer<CEntry>, Key, Value, inout StructWriter) -> Void
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CEntry>?>? {
    if map.count < 2 {
      return unsafe entries(map, layout, count: &count, write)
    }
    return unsafe entries(map.sorted { $0.key < $1.key }, layout, count: &count, write)
  }

  /// A map field with bool keys, false first.
  @inlinable
  public mutating func map<Value: FieldElement, CEntry>(
    _ map: [Bool: Value], _ layout: StructLayout, count: inout Int,
    _ write: (UnsafeMutablePointer<CEntry>, Bool, Value, inout StructWriter) -> Void
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CEntry>?>? {
    unsafe entries(map.sorted { !$0.key && $1.key }, layout, count: &count, write)
  }

  @inlinable
  mutating func entries<Entries: Collection, Key, Value, CEntry>(
    _ entries: Entries, _ layout: StructLayout, count: inout Int,
    _ write: (UnsafeMutablePointer<CEntry>, Key, Value, inout StructWriter) -> Void
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CEntry>?>? where Entries.Element == (key: Key, value: Value) {
    count = 0
    // An entry is a message of its own on the wire, which a decoder counts as a level.
    guard !entries.isEmpty, enter() else { return nil }
    defer { leave() }
    count = entries.count
    let elements: UnsafeMutablePointer<UnsafeMutablePointer<CEntry>?> = unsafe array(count)
    for (index, (key, value)) in entries.enumerated() {
      let entry = unsafe allocate(layout).assumingMemoryBound(to: CEntry.self)
      unsafe write(entry, key, value, &self)
      unsafe (elements + index).initialize(to: entry)
    }
    return unsafe elements
  }

  @inlinable
  mutating func nested(_ message: some ProtobufMessage) -> UnsafeMutableRawPointer? {
    guard enter() else { return nil }
    let address = unsafe write(message)
    leave()
    return unsafe address
  }

  @inlinable
  mutating func write<Message: ProtobufMessage>(_ message: Message) -> UnsafeMutableRawPointer {
    let address = unsafe allocate(Message.structLayout)
    unsafe message.write(toStruct: address, &self)
    if !message.unknownFields.isEmpty {
      unsafe attach(message.unknownFields, to: address)
    }
    return unsafe address
  }

  @usableFromInline
  mutating func enter() -> Bool {
    guard nesting < Self.nestingMax else {
      isTooDeep = true
      return false
    }
    nesting += 1
    return true
  }

  @usableFromInline
  mutating func leave() { nesting -= 1 }

  @usableFromInline
  mutating func allocate(_ layout: StructLayout) -> UnsafeMutableRawPointer {
    unsafe layout.allocate(in: &arena)
  }

  @usableFromInline
  mutating func array<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    unsafe memory(count * MemoryLayout<Element>.stride).bindMemory(to: Element.self, capacity: count)
  }

  @usableFromInline
  mutating func store(_ string: String) -> BinaryData {
    if string.isEmpty { return unsafe BinaryData(length: 0, start: nil) }
    if let stored = unsafe string.utf8.withContiguousStorageIfAvailable({ unsafe copy(UnsafeRawBufferPointer($0)) }) {
      return unsafe stored
    }
    return unsafe store(Array(string.utf8))
  }

  @usableFromInline
  mutating func store(_ bytes: [UInt8]) -> BinaryData {
    unsafe bytes.withUnsafeBytes { unsafe copy($0) }
  }

  private mutating func copy(_ bytes: UnsafeRawBufferPointer) -> BinaryData {
    guard unsafe !bytes.isEmpty, let source = bytes.baseAddress else {
      return unsafe BinaryData(length: 0, start: nil)
    }
    let storage = unsafe memory(bytes.count)
    unsafe storage.copyMemory(from: source, byteCount: bytes.count)
    return unsafe BinaryData(length: bytes.count, start: storage.assumingMemoryBound(to: UInt8.self))
  }

  private mutating func memory(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard let memory = unsafe arena.allocate(byteCount) else { fatalError("out of memory") }
    return unsafe memory
  }

  @usableFromInline
  mutating func attach(_ unknown: UnknownFields, to address: UnsafeMutableRawPointer) {
    let header = unsafe address.assumingMemoryBound(to: ProtobufCMessage.self)
    let fields = Array(WireFields(unknown.bytes))
    let records: UnsafeMutablePointer<ProtobufCMessageUnknownField> = unsafe array(fields.count)
    for (index, field) in fields.enumerated() {
      let payload = unsafe store(Array(unknown.bytes[field.value]))
      unsafe (records + index).initialize(
        to: ProtobufCMessageUnknownField(
          tag: UInt32(field.number), wire_type: ProtobufCWireType(field.wireType), len: payload.length,
          data: payload.start))
    }
    unsafe header.pointee.n_unknown_fields = UInt32(fields.count)
    unsafe header.pointee.unknown_fields = records
  }
}
