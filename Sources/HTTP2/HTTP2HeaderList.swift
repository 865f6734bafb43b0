internal import CNghttp2

/// A list of header fields to send, in the order of the wire, kept flat so that a constant list costs nothing to send.
///
/// Pseudo fields come first. Names are lower case; values hold neither CR, LF nor NUL: nghttp2 does not check what it sends,
/// so `append` does (RFC 9113 §8.2.1).
// SAFETY: pointers into `bytes` are lent to nghttp2 for one call; it copies names and values and never writes to them.
package struct HTTP2HeaderList: Sendable, Hashable {
  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  private struct Field: Hashable {
    let nameCount: Int
    let valueCount: Int
    let neverIndexed: Bool
  }

  package init() {}

  package var count: Int { fields.count }

  /// The size of the list as RFC 9113 §6.5.2 counts it.
  var listBytes: Int { bytes.count + 32 * fields.count }

  /// Adds a field. `neverIndexed` keeps secrets out of every HPACK table on the way (RFC 7541 §7.1.3).
  package mutating func append(_ name: StaticString, _ value: some Collection<UInt8>, neverIndexed: Bool = false) {
    let start = bytes.count
    name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    let valueStart = bytes.count
    bytes.append(contentsOf: value)
    finishField(nameStart: start, valueStart: valueStart, neverIndexed: neverIndexed)
  }

  /// Adds a field whose value is text.
  package mutating func append(_ name: StaticString, _ value: String, neverIndexed: Bool = false) {
    append(name, value.utf8, neverIndexed: neverIndexed)
  }

  /// Adds a field whose name is not known before the program runs.
  ///
  /// It takes strings and not any collection: every answer with metadata comes by here, and generic code does not cross
  /// modules as fast code.
  package mutating func append(name: String, value: String, neverIndexed: Bool = false) {
    let start = bytes.count
    bytes.reserveCapacity(start + name.utf8.count + value.utf8.count)
    bytes.append(contentsOf: name.utf8)
    let valueStart = bytes.count
    bytes.append(contentsOf: value.utf8)
    finishField(nameStart: start, valueStart: valueStart, neverIndexed: neverIndexed)
  }

  /// Checks the field whose name and value stand at the end of `bytes`, and takes it into the list.
  private mutating func finishField(nameStart: Int, valueStart: Int, neverIndexed: Bool) {
    precondition(
      valueStart > nameStart && Self.isName(bytes.span.extracting(nameStart..<valueStart)),
      "a field name to send must be lower-case ASCII without spaces")
    precondition(
      Self.isValue(bytes.span.extracting(valueStart..<bytes.count)), "a field value to send breaks its line")
    fields.append(
      Field(nameCount: valueStart - nameStart, valueCount: bytes.count - valueStart, neverIndexed: neverIndexed))
  }

  private static func isName(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where !isNameByte(bytes[index]) { return false }
    return true
  }

  private static func isValue(_ bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where bytes[index] == 0 || bytes[index] == 0xA || bytes[index] == 0xD { return false }
    return true
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  /// Lends the list in nghttp2's form, written into `scratch`.
  func withNameValues<Result>(
    _ scratch: inout NameValueScratch, _ body: (UnsafePointer<nghttp2_nv>, Int) -> Result
  ) -> Result {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      let values = unsafe scratch.reserve(fields.count)
      guard var cursor = unsafe buffer.baseAddress.map({ unsafe UnsafeMutablePointer(mutating: $0) }) else {
        return unsafe body(values, 0)
      }
      for index in fields.indices {
        let field = fields[index]
        unsafe values[index] = nghttp2_nv(
          name: cursor, value: cursor + field.nameCount, namelen: field.nameCount, valuelen: field.valueCount,
          flags: field.neverIndexed ? UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) : 0)
        unsafe cursor += field.nameCount + field.valueCount
      }
      return unsafe body(values, fields.count)
    }
  }
}

// SAFETY: a literal's bytes live for ever.
extension HTTP2HeaderList: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (StaticString, StaticString)...) {
    for (name, value) in elements {
      value.withUTF8Buffer { unsafe append(name, $0) }
    }
  }
}

/// Room for a header list in nghttp2's form, kept between sends.
// SAFETY: `values` has room for `capacity` trivial values and is freed with its owner; users write before they read.
@safe
struct NameValueScratch: ~Copyable {
  private var values: UnsafeMutablePointer<nghttp2_nv>
  private var capacity = 16

  init() {
    unsafe values = .allocate(capacity: capacity)
  }

  deinit {
    unsafe values.deallocate()
  }

  mutating func reserve(_ count: Int) -> UnsafeMutablePointer<nghttp2_nv> {
    if count > capacity {
      capacity = count
      unsafe values.deallocate()
      unsafe values = .allocate(capacity: capacity)
    }
    return unsafe values
  }
}
