internal import CNghttp2

/// One received list of header fields, in the order of the wire.
///
/// It is lent for the length of one event: copy out what is to be kept. Only valid lists are ever lent (RFC 9113 §8.2, 8.3):
/// names are lower case, pseudo fields are the right ones and come first, values are free of CR, LF and NUL.
// SAFETY: the invariants below; no pointer leaves the type, only copies, and a span that cannot outlive its closure.
@safe
package struct HTTP2HeaderBlock: ~Copyable {
  // Invariants
  // - The first `count` places of `fields` are initialized, and each holds a reference to its two nghttp2 buffers, which
  //   keeps them alive even when the HPACK table drops them.
  // - `bytes` is the size of the list as RFC 9113 §6.5.2 counts it, dropped fields included.
  // - A list is much shorter than 65,535 fields: each counts for 32 bytes at least of a limit that is far below.
  private var fields: UnsafeMutablePointer<Field>
  /// By the number of each known name: one more than the place of its first field, or zero.
  private var firsts = InlineArray<16, UInt16>(repeating: 0)
  private var capacity: Int
  package private(set) var count = 0
  package private(set) var bytes = 0
  /// Whether each name is one that `HTTP2FieldName` knows, and comes once.
  package private(set) var hasOnlyKnownNamesOnce = true

  @safe
  private struct Field {
    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer
    let nameBuffer: OpaquePointer
    let valueBuffer: OpaquePointer
    let token: HTTP2FieldName
  }

  init() {
    capacity = 16
    unsafe fields = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<count {
      unsafe nghttp2_rcbuf_decref(fields[index].nameBuffer)
      unsafe nghttp2_rcbuf_decref(fields[index].valueBuffer)
    }
    unsafe fields.deallocate()
  }

  /// Adds a field if the list with it has at most `bytesMax` bytes; counts it in any case and returns the size of the list.
  ///
  /// nghttp2 lends both buffers for the length of its callback; the references taken here keep them longer.
  mutating func append(nameBuffer: OpaquePointer, valueBuffer: OpaquePointer, bytesMax: Int) -> Int {
    let name = unsafe nghttp2_rcbuf_get_buf(nameBuffer)
    let value = unsafe nghttp2_rcbuf_get_buf(valueBuffer)
    unsafe bytes += name.len + value.len + 32
    guard bytes <= bytesMax else { return bytes }
    if count == capacity { grow() }
    unsafe nghttp2_rcbuf_incref(nameBuffer)
    unsafe nghttp2_rcbuf_incref(valueBuffer)
    let nameBytes = unsafe UnsafeRawBufferPointer(start: name.base, count: name.len)
    let token = unsafe HTTP2FieldName(nameBytes)
    unsafe (fields + count).initialize(
      to: Field(
        name: nameBytes, value: UnsafeRawBufferPointer(start: value.base, count: value.len),
        nameBuffer: nameBuffer, valueBuffer: valueBuffer, token: token))
    count += 1
    if token != .other && firsts[Int(token.rawValue)] == 0 {
      firsts[Int(token.rawValue)] = UInt16(truncatingIfNeeded: count)
    } else {
      hasOnlyKnownNamesOnce = false
    }
    return bytes
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Field>.allocate(capacity: capacity * 2)
    unsafe larger.moveInitialize(from: fields, count: count)
    unsafe fields.deallocate()
    unsafe fields = larger
    capacity *= 2
  }

  /// Lets go of all fields and starts a new list.
  mutating func removeAll() {
    for index in 0..<count {
      unsafe nghttp2_rcbuf_decref(fields[index].nameBuffer)
      unsafe nghttp2_rcbuf_decref(fields[index].valueBuffer)
    }
    count = 0
    bytes = 0
    hasOnlyKnownNamesOnce = true
    firsts = InlineArray(repeating: 0)
  }
}

// SAFETY: as for the type: fields are read through `field`, which checks the index.
extension HTTP2HeaderBlock {
  /// Which name the field has, if it is one of the known.
  package func token(at index: Int) -> HTTP2FieldName {
    field(index).token
  }

  /// The name as text; names are tokens of ASCII letters in lower case.
  package func name(at index: Int) -> String {
    unsafe String(decoding: field(index).name, as: UTF8.self)
  }

  /// The value as text; bytes that are not UTF-8 become U+FFFD.
  package func value(at index: Int) -> String {
    unsafe String(decoding: field(index).value, as: UTF8.self)
  }

  /// The value's bytes, copied.
  package func valueBytes(at index: Int) -> [UInt8] {
    unsafe Array(field(index).value)
  }

  /// Whether the value is exactly this text.
  package func value(at index: Int, equals literal: StaticString) -> Bool {
    unsafe field(index).value.equals(literal)
  }

  /// Whether the value has exactly these bytes.
  package func value(at index: Int, equals bytes: Span<UInt8>) -> Bool {
    withValue(at: index) { $0.isEqual(to: bytes) }
  }

  /// Whether the value begins with this text.
  package func value(at index: Int, hasPrefix literal: StaticString) -> Bool {
    let value = unsafe field(index).value
    guard value.count >= literal.utf8CodeUnitCount else { return false }
    return unsafe UnsafeRawBufferPointer(rebasing: value[..<literal.utf8CodeUnitCount]).equals(literal)
  }

  /// Lends the value's bytes without copying them.
  package func withValue<Result>(at index: Int, _ body: (Span<UInt8>) -> Result) -> Result {
    unsafe field(index).value.withMemoryRebound(to: UInt8.self) { unsafe body($0.span) }
  }

  /// The index of the first field with a known name.
  package func firstIndex(of token: HTTP2FieldName) -> Int? {
    let place = Int(firsts[Int(token.rawValue)])
    return place > 0 ? place - 1 : nil
  }

  private func field(_ index: Int) -> Field {
    precondition(index >= 0 && index < count, "no such header field")
    return unsafe fields[index]
  }
}
