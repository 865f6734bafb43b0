/// The bytes of a request that are here and that its handler has not read.
///
/// Invariant: only the message at the head of the queue can have `early` bytes, whose room was given back before it was
/// whole; `ReceiveCredit` gives back early only while nothing is queued.
package struct UnreadBytes: Equatable {
  private var unfinished = 0
  private var queued = 0
  private var early = 0

  /// Nothing has come.
  package init() {}

  /// All of them together.
  package var count: Int { unfinished + queued }

  /// Bytes of the current message came.
  package mutating func arrived(_ count: Int) {
    unfinished += count
  }

  /// The current message is whole and queued; reading it will give back `charge`.
  package mutating func completed(charge: Int) {
    if unfinished > charge { early = unfinished - charge }
    queued += unfinished
    unfinished = 0
  }

  /// The message at the head of the queue was read.
  package mutating func read(charge: Int) {
    queued -= charge + early
    early = 0
  }

  /// Nobody will read the rest, or it was read all at once.
  package mutating func clear() {
    self = UnreadBytes()
  }
}
