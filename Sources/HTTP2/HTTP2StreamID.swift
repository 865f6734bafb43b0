/// The name of one stream of one session.
///
/// It carries the place of the stream's state beside the number, so a command finds that state without a search. Numbers
/// are never used twice in a connection (RFC 9113 §5.1.1), so a name kept after its stream has died finds a place that
/// belongs to nobody, or to another number, and the command is ignored.
package struct HTTP2StreamID: Hashable, Sendable {
  /// The stream identifier on the wire.
  package let number: Int32

  /// Where the session keeps the stream's state.
  let slot: Int32

  init(number: Int32, slot: Int32) {
    self.number = number
    self.slot = slot
  }
}

extension HTTP2StreamID: CustomStringConvertible {
  package var description: String { "stream \(number)" }
}
