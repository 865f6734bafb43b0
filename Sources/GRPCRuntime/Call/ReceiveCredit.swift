/// When the room that received bytes occupy is given back to the peer, for a call whose messages are queued for a reader.
///
/// The bytes of a whole message are given back when it is read. The bytes of a message still arriving are given back at
/// once while nothing is queued, because a message may be longer than the window; while something is queued they wait,
/// so that a reader who does not read holds at most one whole message and one window of bytes.
package struct ReceiveCredit: Equatable {
  /// Bytes of the unfinished message that were not given back.
  private var held = 0
  private var queuedMessages = 0

  /// Makes the credit of a call that has received nothing.
  package init() {}

  /// Bytes of the current message came.
  package mutating func arrived(_ count: Int) {
    held += count
  }

  /// The current message is complete and queued. Returns what reading it will give back.
  package mutating func completed() -> Int {
    queuedMessages += 1
    defer { held = 0 }
    return held
  }

  /// A message was read; returns what to give back now.
  package mutating func read(_ charge: Int) -> Int {
    queuedMessages -= 1
    return charge + settle()
  }

  /// Everything that came was looked at; returns what to give back now.
  package mutating func settle() -> Int {
    guard queuedMessages == 0 else { return 0 }
    defer { held = 0 }
    return held
  }
}
