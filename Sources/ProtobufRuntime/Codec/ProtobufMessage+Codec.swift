// SAFETY: raw memory is seen only within the closures below: the caller's bytes, a block of the stack, and the structs in
// the arena on that block. What is returned are Swift values made from them.

internal import CProtobufC

extension ProtobufMessage {
  /// Decodes a message.
  /// - Throws: `ProtobufError` when the bytes are not such a message or exceed a limit; its `path` says where.
  public init(serializedBytes bytes: [UInt8], options: DecodingOptions = DecodingOptions()) throws(ProtobufError) {
    self = try unsafe Self(serializedBytes: bytes.span.bytes, options: options)
  }

  /// Decodes a message from a part of an array.
  /// - Throws: `ProtobufError` when the bytes are not such a message or exceed a limit; its `path` says where.
  public init(
    serializedBytes bytes: ArraySlice<UInt8>, options: DecodingOptions = DecodingOptions()
  ) throws(ProtobufError) {
    self = try unsafe Self(serializedBytes: bytes.span.bytes, options: options)
  }

  /// Decodes a message from memory of any kind.
  /// - Throws: `ProtobufError` when the bytes are not such a message or exceed a limit; its `path` says where.
  public init(serializedBytes bytes: RawSpan, options: DecodingOptions = DecodingOptions()) throws(ProtobufError) {
    self.init()
    let failure = unsafe bytes.withUnsafeBytes { unsafe Decoding.decode($0, options, into: &self) }
    if let failure { throw failure.named(for: Self.descriptor) }
  }

  /// Encodes the message.
  ///
  /// Equal messages encode to equal bytes: fields in the order of their numbers, map entries sorted by key.
  /// - Parameter prefix: how many zero bytes to leave in front, for a frame's header.
  /// - Throws: `nestedTooDeep` for a message that no decoder would accept.
  public func serializedBytes(reservingPrefix prefix: Int = 0) throws(ProtobufError) -> [UInt8] {
    let encoded: Result<[UInt8], ProtobufError> = unsafe withUnsafeTemporaryAllocation(
      byteCount: Encoding.firstBlockBytes, alignment: 16
    ) { memory in
      Result { () throws(ProtobufError) in try unsafe Encoding.encode(self, prefix: prefix, firstBlock: memory) }
    }
    return try encoded.get()
  }
}

private enum Decoding {
  /// On the stack, so that a small message is decoded without a heap allocation for its struct.
  private static let firstBlockBytes = 1024

  /// Fills an empty message; returns what went wrong.
  static func decode<Message: ProtobufMessage>(
    _ bytes: UnsafeRawBufferPointer, _ options: DecodingOptions, into message: inout Message
  ) -> ProtobufError? {
    guard bytes.count <= options.messageBytesMax else {
      return ProtobufError(
        .messageTooLarge, "the message has \(bytes.count) bytes, \(options.messageBytesMax) are allowed")
    }
    let descriptor = unsafe Message.structLayout.descriptor
    do throws(ProtobufError) {
      guard try unsafe WireGuard.check(bytes, as: descriptor, nestingMax: options.nestingMax) else {
        return unsafe unpack(bytes, options, into: &message)
      }
    } catch {
      return error
    }
    let joined = unsafe WireMerge.joined(Array(bytes), as: descriptor)
    return unsafe joined.withUnsafeBytes { unsafe unpack($0, options, into: &message) }
  }

  private static func unpack<Message: ProtobufMessage>(
    _ bytes: UnsafeRawBufferPointer, _ options: DecodingOptions, into message: inout Message
  ) -> ProtobufError? {
    let descriptor = unsafe Message.structLayout.descriptor
    return unsafe withUnsafeTemporaryAllocation(byteCount: firstBlockBytes, alignment: 16) { memory in
      var arena = unsafe Arena(firstBlock: memory, budget: options.memoryBytesMax)
      let unpacked = unsafe arena.withAllocator { allocator in
        unsafe protobuf_c_message_unpack(
          descriptor, allocator, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      }
      guard let unpacked = unsafe unpacked else {
        return arena.isOverBudget
          ? ProtobufError(.memoryExceeded, "decoding takes more than \(options.memoryBytesMax) bytes of memory")
          : ProtobufError(.malformed, "the message is malformed")
      }
      do throws(ProtobufError) {
        try unsafe StructReader.read(UnsafeRawPointer(unpacked), into: &message)
        return nil
      } catch {
        return error
      }
    }
  }
}

private enum Encoding {
  static let firstBlockBytes = 1024

  static func encode(
    _ message: some ProtobufMessage, prefix: Int, firstBlock: UnsafeMutableRawBufferPointer
  ) throws(ProtobufError) -> [UInt8] {
    var writer = unsafe StructWriter(arena: Arena(firstBlock: firstBlock))
    let address = unsafe writer.root(message)
    guard !writer.isTooDeep else {
      throw ProtobufError(
        .nestedTooDeep, "messages lie more than \(StructWriter.nestingMax) deep within each other")
    }
    let packed = unsafe address.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = unsafe protobuf_c_message_get_packed_size(packed)
    return unsafe [UInt8](unsafeUninitializedCapacity: prefix + size) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      unsafe start.initialize(repeating: 0, count: prefix)
      count = unsafe prefix + protobuf_c_message_pack(packed, start + prefix)
    }
  }
}
