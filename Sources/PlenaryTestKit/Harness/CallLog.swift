internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos
internal import PlenaryDomain
internal import Synchronization

/// The calls that are recorded.
///
/// Invariant: `byteCount` is the sum of `size` of the calls, within the limits together with their number.
final class CallLog: Sendable {
  private struct State {
    var pattern: WildcardPattern?
    /// In the order in which they began; the first has the number `forgotten`, counted over all that ever were.
    var calls: [TestingCall] = []
    var forgotten = 0
    /// What `forgotten` was when recording began.
    var forgottenBefore = 0
    var byteCount = 0
  }

  private let state = Mutex(State())

  /// Begins to record the calls of some methods, or ends it if there are none.
  func record(_ pattern: WildcardPattern?, keeping: Bool) {
    state.withLock { state in
      state.pattern = pattern
      guard !keeping else { return }
      // What is under way refers to numbers, which are not used again.
      state.forgotten += state.calls.count
      state.calls = []
      state.byteCount = 0
      state.forgottenBefore = state.forgotten
    }
  }

  /// Notes that a call has begun, if it is to be recorded, and returns its number.
  func begin(_ method: String, _ call: () -> TestingCall) -> Int? {
    guard state.withLock({ $0.pattern?.matches(method) == true }) else { return nil }
    let call = call()
    return state.withLock { state in
      state.calls.append(call)
      state.byteCount += call.size
      while state.calls.count > HarnessLimits.callCountMax || state.byteCount > HarnessLimits.callBytesMax {
        state.byteCount -= state.calls.removeFirst().size
        state.forgotten += 1
      }
      return state.forgotten + state.calls.count - 1
    }
  }

  /// Notes what has become of a call, unless it is forgotten.
  func change(_ number: Int, _ body: (inout TestingCall) -> Void) {
    state.withLock { state in
      guard number >= state.forgotten else { return }
      body(&state.calls[number - state.forgotten])
    }
  }

  /// The calls that are kept, of the methods of a pattern, and how many were forgotten since recording began.
  func calls(of pattern: WildcardPattern?) -> (calls: [TestingCall], forgotten: Int) {
    state.withLock { state in
      (state.calls.filter { pattern?.matches($0.method) ?? true }, state.forgotten - state.forgottenBefore)
    }
  }
}

extension TestingCall {
  /// About how many bytes it takes, with what is added when it ends.
  fileprivate var size: Int {
    metadataKeys.reduce(method.utf8.count + request.count + 1536) { $0 + $1.utf8.count + 4 }
  }
}

/// A call under way: what is noted of it, and why it ends early.
final class CallRecord: Sendable {
  private struct State {
    var messageCount = 0
    var early: (any Error)?
  }

  private let log: CallLog
  private let number: Int?
  private let state = Mutex(State())

  init(_ log: CallLog, number: Int?) {
    self.log = log
    self.number = number
  }

  /// Counts a message of the answer.
  func messageSent() -> Int {
    state.withLock { state in
      state.messageCount += 1
      return state.messageCount
    }
  }

  /// Why the call is ended while its handler runs, whatever the handler makes of that.
  func endEarly(_ error: any Error) {
    state.withLock { state in state.early = state.early ?? error }
  }

  /// Why it was ended so.
  var early: (any Error)? { state.withLock { $0.early } }

  /// Notes its end.
  func end(_ status: GRPCStatus, after duration: Duration) {
    guard let number else { return }
    let messageCount = state.withLock { $0.messageCount }
    log.change(number) { call in
      call.state = .done
      call.statusCode = Int32(status.code.rawValue)
      call.statusMessage = String(status.message.prefix(256))
      call.duration = ProtobufDuration(duration)
      call.messageCount = Int64(messageCount)
    }
  }
}
