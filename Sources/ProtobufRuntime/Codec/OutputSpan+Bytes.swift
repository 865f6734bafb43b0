// SAFETY: what is written lies behind what is initialized, and only if there is room for it: eight bytes of a word, of which as
// many count as initialized as were asked for, at most eight; or as many as the other span has.

extension OutputSpan<UInt8> {
  /// Appends the first bytes of a word, the least significant first: at once, where there is room for all eight.
  ///
  /// - Parameter count: How many bytes, at most 8. There must be room for them.
  @inlinable @inline(__always)
  package mutating func append(_ word: UInt64, byteCount count: Int) {
    precondition((0...8).contains(count), "a word has eight bytes")
    if freeCapacity < 8 {
      for place in 0..<count { append(UInt8(truncatingIfNeeded: word >> UInt64(8 * place))) }
      return
    }
    unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
      unsafe UnsafeMutableRawBufferPointer(buffer)
        .storeBytes(of: word.littleEndian, toByteOffset: initializedCount, as: UInt64.self)
      initializedCount += count
    }
  }

  /// Appends bytes that stand elsewhere.
  ///
  /// - Parameter bytes: There must be room for them.
  @inlinable @inline(__always)
  package mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity, "there is no room for the bytes")
    unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
      unsafe bytes.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[initializedCount...])
          .copyMemory(from: source)
      }
      initializedCount += bytes.count
    }
  }
}

extension [UInt8] {
  /// The bytes that stand elsewhere.
  package init(copying bytes: Span<UInt8>) {
    self.init(capacity: bytes.count) { $0.append(copying: bytes) }
  }
}

extension String {
  /// The text whose UTF-8 stands elsewhere; what is none is replaced by U+FFFD.
  package init(copying utf8: Span<UInt8>) {
    self.init(decoding: [UInt8](copying: utf8), as: UTF8.self)
  }
}
