internal import CProtobufC

// SENDABLE: `descriptor` points to a constant of the generated C code.
// SAFETY: every struct made by protoc-c starts with a ProtobufCMessage, which its initializer fills in.
/// The libprotobuf-c struct that a message type, or the entry of a map, travels through.
@safe
public struct StructLayout: @unchecked Sendable {
  let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

  /// The layout of the struct `C`, whose generated initializer tells where its descriptor is.
  public init<C>(_ type: C.Type, _ initialize: (UnsafeMutablePointer<C>?) -> Void) {
    unsafe descriptor = withUnsafeTemporaryAllocation(
      byteCount: MemoryLayout<C>.size, alignment: MemoryLayout<C>.alignment
    ) { memory -> UnsafePointer<ProtobufCMessageDescriptor> in
      let value = unsafe memory.bindMemory(to: C.self)
      unsafe initialize(value.baseAddress)
      let header = unsafe memory.load(as: ProtobufCMessage.self)
      guard let descriptor = unsafe header.descriptor else {
        preconditionFailure("a generated initializer left its descriptor out")
      }
      return unsafe descriptor
    }
  }

  /// A new struct with every field at its default, in the arena.
  func allocate(in arena: inout Arena) -> UnsafeMutableRawPointer {
    guard let memory = unsafe arena.allocate(descriptor.pointee.sizeof_message) else {
      fatalError("out of memory")
    }
    unsafe protobuf_c_message_init(descriptor, memory)
    return unsafe memory
  }
}
