internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos

/// The faults that strike one call.
struct Strike: Sendable {
  let faults: [TestingFault]

  init(_ faults: [TestingFault]) {
    self.faults = faults
  }

  /// Whether the call finds the disk full.
  var diskIsFull: Bool { faults.contains { $0.diskFull } }

  /// Waits for as long as the call has to, and ends it if it is to end before anything is done.
  func begin() async throws {
    let latency = faults.reduce(Duration.zero) { $0 + ($1.latency?.duration ?? .zero) }
    if latency > .zero { try await Task.sleep(for: latency) }
    try end { $0.moment == .unspecified && $0.afterMessages == 0 }
  }

  /// Waits for as long as a message of the answer takes.
  func delay(messageOf byteCount: Int) async throws {
    var delay = Duration.zero
    for slowness in faults.compactMap(\.slowness) {
      delay += slowness.delay?.duration ?? .zero
      if slowness.bytesPerSecond > 0 { delay += .seconds(Double(byteCount) / Double(slowness.bytesPerSecond)) }
    }
    if delay > .zero { try await Task.sleep(for: delay) }
  }

  /// Ends the call if it is to end after so many messages.
  func sent(_ count: Int) async throws {
    guard faults.contains(where: { $0.end != nil && $0.afterMessages == count }) else { return }
    // A reset overtakes what is queued; what was sent is to arrive first.
    try await Task.sleep(for: Self.timeToLeave)
    try end { $0.afterMessages == count }
  }

  /// Ends the call if its caller is not to learn what was done.
  func finish() throws {
    try end { $0.moment == .afterHandler }
  }

  private static let timeToLeave = Duration.milliseconds(20)

  private func end(_ strikes: (TestingFault) -> Bool) throws {
    switch faults.first(where: { $0.end != nil && strikes($0) })?.end {
    case .status(let status):
      throw GRPCStatus(
        GRPCStatus.Code(rawValue: Int(status.code)), status.message, details: status.details)
    case .cut(let cut): throw cut == .connection ? CallCut.connection : CallCut.stream
    case nil: return
    }
  }
}

/// The sink of a call that faults strike: it counts messages, has them come slowly, and ends the call when it is time.
final class StruckSink: MessageSink {
  private let sink: any MessageSink
  private let strike: Strike
  private let record: CallRecord

  init(_ sink: any MessageSink, _ strike: Strike, _ record: CallRecord) {
    self.sink = sink
    self.strike = strike
    self.record = record
  }

  func write(_ message: EncodedMessage, patience: WritePatience?) async throws(GRPCStatus) {
    do {
      try await strike.delay(messageOf: message.count)
      try await sink.write(message, patience: patience)
      try await strike.sent(record.messageSent())
    } catch let status as GRPCStatus {
      record.endEarly(status)
      throw status
    } catch {
      record.endEarly(error)
      throw GRPCStatus(.cancelled, "the call ends here")
    }
  }

  func sendInitialMetadata() { sink.sendInitialMetadata() }
}
