/// A message as it came, before anything looked into it.
///
/// It stays compressed while it waits: what waits is bounded by the window, and its inflated length is not.
package struct ReceivedMessage: Sendable, Hashable {
  /// What stood behind the prefix.
  package var bytes: [UInt8]

  /// Whether the prefix flagged them as compressed.
  package var isCompressed = false

  /// Makes a message.
  package init(_ bytes: [UInt8], isCompressed: Bool = false) {
    self.bytes = bytes
    self.isCompressed = isCompressed
  }
}

extension ReceivedMessage: ExpressibleByArrayLiteral {
  /// A message that is not compressed.
  package init(arrayLiteral elements: UInt8...) {
    self.init(elements)
  }
}
