internal import GRPCRuntime
internal import PlenaryDomain
internal import PlenaryStore
internal import Synchronization

/// The headers that tell at which revision an answer is true, kept for the last revision that was asked for: between two
/// changes of the registry all answers have the same.
final class RevisionHeaders: Sendable {
  /// The name of the header.
  static let name = "plenary-revision"

  private struct Made {
    let revision: Revision
    let headers: ReadyHeaders
  }

  private let token: @Sendable (Revision, Caller) -> String
  private let last = Mutex<Made?>(nil)

  /// - Parameter token: The token of a revision, as a caller is told it.
  init(_ token: @escaping @Sendable (Revision, Caller) -> String) {
    self.token = token
  }

  /// The headers of an answer that is true at a revision.
  func headers(of revision: Revision, for caller: Caller) -> ReadyHeaders {
    // Whoever does not see everything is told a token of its own each time.
    guard caller.viewer.seesEverything else { return made(revision, caller) }
    return last.withLock { last in
      if let last, last.revision == revision { return last.headers }
      let headers = made(revision, caller)
      last = Made(revision: revision, headers: headers)
      return headers
    }
  }

  private func made(_ revision: Revision, _ caller: Caller) -> ReadyHeaders {
    var metadata = Metadata()
    // A token is printable text, so it can stand in metadata.
    try? metadata.append(token(revision, caller), for: Self.name)
    return ReadyHeaders(metadata)
  }
}
