internal import PlenaryStore

/// What a copy does on the writer thread besides answering reads, and who waits for it.
enum LogJob: Sendable {
  /// Takes changes of the leader.
  case take([LogEntry], from: LogSource, answer: @Sendable (Result<Void, StoreError>) -> Void)

  /// Ends the copy.
  case promote(answer: @Sendable (Result<Promotion, StoreError>) -> Void)

  /// Makes a job of changes to take.
  static func take(
    _ entries: [LogEntry], _ source: LogSource, _ answer: @escaping @Sendable (Result<Void, StoreError>) -> Void
  ) -> LogJob {
    .take(entries, from: source, answer: answer)
  }

  /// Says why it is not done.
  func refuse(_ error: StoreError) {
    switch self {
    case .take(_, _, let answer): answer(.failure(error))
    case .promote(let answer): answer(.failure(error))
    }
  }
}
