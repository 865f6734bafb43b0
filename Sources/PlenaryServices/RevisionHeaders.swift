internal import GRPCRuntime
internal import PlenaryDomain
internal import PlenaryStore
internal import Synchronization

/// The headers that tell at which revision an answer is true.
///
/// For whoever sees everything they are kept for the last revision that was asked for: between two changes of the registry
/// all answers have the same. Anyone else would see by that when something is written that it may not see. So its answers
/// tell a moment that is kept for a while, whatever is written meanwhile, unless it is given a record that is newer.
final class RevisionHeaders: Sendable {
  /// The name of the header.
  static let name = "plenary-revision"

  /// How long a moment is told, in microseconds.
  static let momentMicroseconds: Int64 = 100_000

  private struct Made {
    let revision: Revision
    let headers: ReadyHeaders
  }

  /// What a caller is told for a while.
  private final class Moment: Sendable {
    let revision: Revision
    let endTime: CommitTime
    let headers: ReadyHeaders

    init(_ revision: Revision, until endTime: CommitTime, _ headers: ReadyHeaders) {
      (self.revision, self.endTime, self.headers) = (revision, endTime, headers)
    }
  }

  private let token: @Sendable (Revision, Caller) -> String
  private let now: @Sendable () -> CommitTime
  private let last = Mutex<Made?>(nil)

  /// - Parameter token: The token of a revision, as a caller is told it.
  init(now: @escaping @Sendable () -> CommitTime, _ token: @escaping @Sendable (Revision, Caller) -> String) {
    self.now = now
    self.token = token
  }

  /// The headers of an answer that is true at a revision.
  ///
  /// - Parameter version: The revision of the record that it holds, at which it was true already.
  func headers(of revision: Revision, with version: Revision, for caller: Caller) -> ReadyHeaders {
    guard !caller.viewer.seesEverything else {
      return last.withLock { last in
        if let last, last.revision == revision { return last.headers }
        let made = Made(revision: revision, headers: ReadyHeaders(name: Self.name, value: token(revision, caller)))
        last = made
        return made.headers
      }
    }
    let now = now()
    return caller.memory.withLock { memory in
      if let moment = memory as? Moment, version <= moment.revision, now < moment.endTime,
        now.microseconds > moment.endTime.microseconds - 2 * Self.momentMicroseconds
      {
        return moment.headers
      }
      let headers = ReadyHeaders(name: Self.name, value: token(revision, caller))
      memory = Moment(
        revision, until: CommitTime(microseconds: now.microseconds + Self.momentMicroseconds), headers)
      return headers
    }
  }
}
