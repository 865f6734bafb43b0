// SAFETY: only ever a copy of a `ProtobufCBinaryData` of the struct being read or written; `start` is NULL when `length`
// is zero, and otherwise points to that many bytes in the arena.
/// The C struct of a string or bytes value, `ProtobufCBinaryData`, as generated code sees it.
///
/// Generated code does not name the C type: several C modules contain its header, and which of them Swift takes for its
/// home depends on what else is imported.
@unsafe
@usableFromInline
struct BinaryData {
  @usableFromInline let length: Int
  @usableFromInline let start: UnsafeMutablePointer<UInt8>?

  init(length: Int, start: UnsafeMutablePointer<UInt8>?) {
    unsafe self.length = length
    unsafe self.start = start
  }
}
