/// Whether something that the peer has to do stands still: sending the rest of a request, taking an answer.
///
/// It is looked at from time to time, and measures from the first look that saw no progress, so that no frame costs
/// anything.
package struct StallWatch {
  private var progress = 0
  private var stillSince: Deadline?

  /// Makes a watch that has seen nothing.
  package init() {}

  /// Looks at how far the peer has come, and whether it is the peer that has to go on. True when it has stood still for
  /// `limit`.
  package mutating func isStalled(progress: Int, isWaiting: Bool, limit: Duration, now: Deadline) -> Bool {
    guard isWaiting, progress == self.progress, let stillSince else {
      self.progress = progress
      stillSince = isWaiting ? now : nil
      return false
    }
    return now >= stillSince.advanced(by: limit)
  }
}
