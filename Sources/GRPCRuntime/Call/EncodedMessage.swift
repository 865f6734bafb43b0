/// A message that is already protobuf on the wire: stored bytes go out as they are, without being decoded.
///
/// It may have several segments, which are sent one after the other without being joined first. A protobuf message may
/// be cut between any two fields, and a later scalar field wins over an earlier one.
public struct EncodedMessage: Sendable, Hashable {
  /// The first segment, apart from the others so that a message in one piece needs no list.
  package private(set) var first: [UInt8]

  /// The segments after the first, in order.
  package private(set) var rest: [[UInt8]] = []

  /// A message in one piece.
  public init(_ bytes: [UInt8]) {
    first = bytes
  }

  /// The length of all segments together.
  public var count: Int {
    rest.reduce(first.count) { $0 + $1.count }
  }

  /// Adds bytes at the end.
  public mutating func append(_ bytes: [UInt8]) {
    rest.append(bytes)
  }
}
