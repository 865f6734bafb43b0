internal import GRPCRuntime
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

  private let token: @Sendable (Revision) -> String
  private let last = Mutex<Made?>(nil)

  /// - Parameter token: The token of a revision, as callers see it.
  init(_ token: @escaping @Sendable (Revision) -> String) {
    self.token = token
  }

  /// The headers of an answer that is true at a revision.
  func headers(of revision: Revision) -> ReadyHeaders {
    last.withLock { last in
      if let last, last.revision == revision { return last.headers }
      var metadata = Metadata()
      // A token is printable text, so it can stand in metadata.
      try? metadata.append(token(revision), for: Self.name)
      let made = Made(revision: revision, headers: ReadyHeaders(metadata))
      last = made
      return made.headers
    }
  }
}
