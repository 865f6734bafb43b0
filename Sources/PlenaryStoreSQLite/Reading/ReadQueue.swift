internal import PlenaryStore

/// A read that waits for a reader thread.
struct ReadJob: Sendable {
  /// Whether it reads a few records by key, and so can share a transaction with others of its kind.
  let isShort: Bool

  /// Does the read in a transaction, or says why there is none.
  let run: @Sendable (Result<ReadTransaction, StoreError>) -> Void
}

/// What waits for the reader threads.
struct ReadQueue: Sendable {
  /// The most reads that share a transaction: beginning one costs about as much as a read by key.
  private static let sharedMax = 32

  private var waiting: [ReadJob] = []
  private var first = 0
  private var refusal: StoreError?

  /// Takes a read in; if it cannot, says why.
  mutating func submit(_ job: ReadJob) -> StoreError? {
    if let refusal { return refusal }
    waiting.append(job)
    return nil
  }

  /// Takes nothing in any more; what waits is still done.
  mutating func close(_ error: StoreError) {
    refusal = error
  }

  /// What a reader is to do next in one transaction: this reader's share of the short reads that come first, or the
  /// one long read. Nil if it has to wait; empty if it is to end.
  mutating func next(readers: Int) -> [ReadJob]? {
    guard first < waiting.count else { return refusal == nil ? nil : [] }
    let share = min(Self.sharedMax, max(1, (waiting.count - first) / readers))
    let end = waiting[first..<(first + share)].firstIndex { !$0.isShort } ?? first + share
    let jobs = Array(waiting[first..<max(end, first + 1)])
    first += jobs.count
    // Moving the rest forward is paid for by as many reads handed out.
    if first > waiting.count / 2 {
      waiting.removeFirst(first)
      first = 0
    }
    return jobs
  }
}
