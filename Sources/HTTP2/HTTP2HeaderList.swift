internal import CNghttp2

/// A list of header fields to send, in the order of the wire, kept flat so that a constant list costs nothing to send.
///
/// Pseudo fields come first. Names are lower case; values hold neither CR, LF nor NUL: nghttp2 does not check what it sends,
/// so `append` does (RFC 9113 §8.2.1).
///
/// Invariant: `bytes` is a sequence of `count` fields, each a `FieldHead` and behind it the name and the value it measures.
// SAFETY: pointers into `bytes` are lent to nghttp2 for one call; it copies names and values and never writes to them.
package struct HTTP2HeaderList: Sendable, Hashable {
  private var bytes: [UInt8] = []
  package private(set) var count = 0

  /// What stands before a field.
  private struct FieldHead: BitwiseCopyable {
    var nameCount: UInt32 = 0
    var valueCount: UInt32 = 0
    var flags: UInt32 = 0
  }

  package init() {}

  /// The size of the list as RFC 9113 §6.5.2 counts it.
  var listBytes: Int { bytes.count + (32 - MemoryLayout<FieldHead>.size) * count }

  /// Adds a field. `neverIndexed` keeps secrets out of every HPACK table on the way (RFC 7541 §7.1.3).
  package mutating func append(_ name: StaticString, _ value: some Collection<UInt8>, neverIndexed: Bool = false) {
    let start = beginField()
    name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    let valueStart = bytes.count
    bytes.append(contentsOf: value)
    finishField(start, valueStart: valueStart, neverIndexed: neverIndexed)
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
    bytes.reserveCapacity(bytes.count + MemoryLayout<FieldHead>.size + name.utf8.count + value.utf8.count)
    let start = beginField()
    bytes.append(contentsOf: name.utf8)
    let valueStart = bytes.count
    bytes.append(contentsOf: value.utf8)
    finishField(start, valueStart: valueStart, neverIndexed: neverIndexed)
  }

  /// Makes room for the head of a field and returns where it stands.
  private mutating func beginField() -> Int {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: MemoryLayout<FieldHead>.size))
    return start
  }

  /// Checks the field whose name and value stand at the end of `bytes`, and takes it into the list.
  private mutating func finishField(_ start: Int, valueStart: Int, neverIndexed: Bool) {
    let nameStart = start + MemoryLayout<FieldHead>.size
    precondition(
      valueStart > nameStart && Self.isName(bytes.span.extracting(nameStart..<valueStart)),
      "a field name to send must be lower-case ASCII without spaces")
    precondition(
      Self.isValue(bytes.span.extracting(valueStart..<bytes.count)), "a field value to send breaks its line")
    let head = FieldHead(
      nameCount: UInt32(valueStart - nameStart), valueCount: UInt32(bytes.count - valueStart),
      flags: neverIndexed ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : 0)
    unsafe bytes.withUnsafeMutableBytes { unsafe $0.storeBytes(of: head, toByteOffset: start, as: FieldHead.self) }
    count += 1
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
    unsafe bytes.withUnsafeBytes { buffer in
      let values = unsafe scratch.reserve(count)
      guard var cursor = buffer.baseAddress else { return unsafe body(values, 0) }
      for index in 0..<count {
        let head = unsafe cursor.loadUnaligned(as: FieldHead.self)
        let name = unsafe UnsafeMutableRawPointer(mutating: cursor + MemoryLayout<FieldHead>.size)
          .assumingMemoryBound(to: UInt8.self)
        let (nameCount, valueCount) = (Int(head.nameCount), Int(head.valueCount))
        unsafe values[index] = nghttp2_nv(
          name: name, value: name + nameCount, namelen: nameCount, valuelen: valueCount,
          flags: UInt8(truncatingIfNeeded: head.flags))
        unsafe cursor += MemoryLayout<FieldHead>.size + nameCount + valueCount
      }
      return unsafe body(values, count)
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
