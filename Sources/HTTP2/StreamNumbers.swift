/// Which stream numbers a client has passed over. They can never be used any more, and using one ends the connection
/// (RFC 9113 §5.1.1); nghttp2 takes them for streams that were there and are gone, and ignores what comes on them.
///
/// Honest clients count by two and pass over nothing, so hardly anything is kept; of a client that passes over again and
/// again, only the last gaps.
struct StreamNumbers {
  private static let gapsMax = 64

  private var last: Int32 = -1
  private var gaps: [ClosedRange<Int32>] = []

  /// Takes note of HEADERS on this number; false when it was passed over before.
  mutating func allow(_ number: Int32) -> Bool {
    guard number > last else { return !gaps.contains { $0.contains(number) } }
    // Even numbers are the server's, and not for us to judge.
    guard number % 2 == 1 else { return true }
    if number - last > 2 {
      if gaps.count == Self.gapsMax { gaps.removeFirst() }
      gaps.append((last + 1)...(number - 1))
    }
    last = number
    return true
  }
}
