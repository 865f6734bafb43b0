/// How the messages of one direction of a call may be compressed: the value of `grpc-encoding`.
///
/// An encoding only permits compression. Each message says for itself whether it is compressed, and one that would not
/// become shorter goes as it is.
public struct MessageEncoding: Sendable, Hashable, CustomStringConvertible {
  private enum Algorithm: UInt8, CaseIterable {
    case identity, gzip
  }

  private let algorithm: Algorithm

  /// Messages as they are.
  public static let identity = MessageEncoding(algorithm: .identity)

  /// Messages by gzip (RFC 1952), each on its own.
  public static let gzip = MessageEncoding(algorithm: .gzip)

  /// What this side can read, as `grpc-accept-encoding` lists it.
  package static let acceptList = "identity,gzip"

  /// The encoding with this name, or nil when this side cannot read it.
  package init?(named name: String) {
    guard let algorithm = Algorithm.allCases.first(where: { "\($0)" == name }) else { return nil }
    self.init(algorithm: algorithm)
  }

  private init(algorithm: Algorithm) {
    self.algorithm = algorithm
  }

  /// The name in `grpc-encoding` and `grpc-accept-encoding`.
  public var description: String {
    switch algorithm {
    case .identity: "identity"
    case .gzip: "gzip"
    }
  }

  /// Whether a peer's `grpc-accept-encoding` lists this encoding.
  package func isListed(in list: Span<UInt8>) -> Bool {
    var start = 0
    for index in 0...list.count where index == list.count || list[index] == UInt8(ascii: ",") {
      if isName(list, from: start, to: index) { return true }
      start = index + 1
    }
    return false
  }

  /// Whether an entry of a list is this name, white space around it aside.
  private func isName(_ list: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    var (start, end) = (start, end)
    while start < end, list[start] == UInt8(ascii: " ") || list[start] == UInt8(ascii: "\t") { start += 1 }
    while start < end, list[end - 1] == UInt8(ascii: " ") || list[end - 1] == UInt8(ascii: "\t") { end -= 1 }
    let name = description.utf8
    guard end - start == name.count else { return false }
    return zip(start..<end, name).allSatisfy { list[$0] == $1 }
  }
}
