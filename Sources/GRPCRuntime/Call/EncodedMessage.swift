/// A message that is already protobuf on the wire: stored bytes go out as they are, without being decoded.
///
/// It may have several segments, which are sent one after the other without being joined first. A protobuf message may
/// be cut between any two fields, and a later scalar field wins over an earlier one.
public struct EncodedMessage: Sendable, Hashable {
  private enum Compression {
    case allowed, refused, done
  }

  /// The first segment, apart from the others so that a message in one piece needs no list.
  package private(set) var first: [UInt8]

  /// The segments after the first, in order.
  package private(set) var rest: [[UInt8]] = []

  private var compression = Compression.allowed

  /// A message in one piece.
  public init(_ bytes: [UInt8]) {
    first = bytes
  }

  /// A message that `MessageCompressor` has compressed.
  package init(gzipped bytes: [UInt8]) {
    first = bytes
    compression = .done
  }

  /// The length of all segments together.
  public var count: Int {
    rest.reduce(first.count) { $0 + $1.count }
  }

  /// Whether the message may be compressed when its call's encoding says so; true unless set otherwise.
  ///
  /// Say false for what is compressed already, and for a secret beside text that someone else chooses: the length of
  /// what they compress to together gives the secret away.
  public var isCompressible: Bool {
    get { compression == .allowed }
    set { if compression != .done { compression = newValue ? .allowed : .refused } }
  }

  /// Whether the bytes are compressed, so that the prefix has to flag them.
  package var isCompressed: Bool { compression == .done }

  /// Adds bytes at the end.
  public mutating func append(_ bytes: [UInt8]) {
    rest.append(bytes)
  }
}
