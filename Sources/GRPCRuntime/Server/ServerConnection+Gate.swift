extension ServerConnection {
  /// Asks the gate again about a call whose request has taken its time to come: what was let in may be let in no longer.
  ///
  /// - Parameter start: When its headers came.
  func review(_ head: borrowing RequestHead, _ leave: CallLeave?, since start: Deadline) throws(GRPCStatus) {
    guard readingAt != start, let leave, let gate = server.configuration.gate else { return }
    try gate.review(CallArrival(head.route, head.metadata, origin), leave)
  }
}
