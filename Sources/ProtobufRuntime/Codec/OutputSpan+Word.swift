// SAFETY: eight bytes are written behind what is initialized only if there is room for them, and as many count as initialized
// as were asked for, at most eight.

extension OutputSpan<UInt8> {
  /// Appends the first bytes of a word, the least significant first: at once, where there is room for all eight.
  ///
  /// - Parameter count: How many bytes, at most 8. There must be room for them.
  @inlinable
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
}
