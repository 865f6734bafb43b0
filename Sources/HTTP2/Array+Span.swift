// SAFETY: copies as many bytes as the span has into room that was reserved for them.
extension [UInt8] {
  /// Adds a copy of the bytes at the end, all at once.
  package mutating func append(copying bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { output in
      unsafe output.withUnsafeMutableBufferPointer { room, initialized in
        unsafe bytes.withUnsafeBytes { source in
          unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: room[initialized...]))
            .copyMemory(from: source)
        }
        initialized += bytes.count
      }
    }
  }
}
