// SAFETY: compares as many bytes as both spans have.
extension Span<UInt8> {
  /// Whether both have the same bytes.
  package func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { here in
      unsafe other.withUnsafeBytes { there in
        guard let left = here.baseAddress, let right = there.baseAddress else { return true }
        return unsafe left.hasSameBytes(as: right, count: here.count)
      }
    }
  }
}
