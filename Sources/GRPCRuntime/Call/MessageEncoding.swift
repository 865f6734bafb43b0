/// How the messages of one direction of a call are compressed: the value of `grpc-encoding`.
///
/// Only `identity` exists so far; another algorithm is one more value here, an inflating step in `MessageDeframer` and a
/// deflating step in `MessageFraming`.
package struct MessageEncoding: Sendable, Hashable {
  /// The name in `grpc-encoding` and `grpc-accept-encoding`.
  package let name: String

  /// Messages as they are.
  package static let identity = MessageEncoding(name: "identity")

  /// What this side can read, as `grpc-accept-encoding` lists it.
  package static let acceptList = "identity"

  /// The encoding with this name, or nil when this side cannot read it.
  package init?(named name: String) {
    guard name == Self.identity.name else { return nil }
    self = .identity
  }

  private init(name: String) {
    self.name = name
  }
}
