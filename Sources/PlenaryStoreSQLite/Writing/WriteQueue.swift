internal import PlenaryStore

/// Requests that were handed in together, and who waits for their results.
struct Submission: Sendable {
  let requests: [WriteRequest]
  let answer: @Sendable ([Result<WriteReceipt, StoreError>]) -> Void

  /// Whether it must wait until the store remembers the requests of before.
  var needsIdempotency: Bool { requests.contains { $0.idempotency != nil } }

  /// What the requests count against the size of a batch.
  var size: BatchSize {
    requests.reduce(into: BatchSize()) { size, request in
      size.writes += max(1, request.mutations.count)
      for mutation in request.mutations { size.bytes += mutation.content?.body.count ?? 0 }
    }
  }

  /// Whether it erases.
  var erases: Bool {
    requests.contains { request in
      request.mutations.contains(where: \.erases)
    }
  }

  func answerAll(_ error: StoreError) {
    answer(requests.map { _ in .failure(error) })
  }
}

/// How much is committed at once.
struct BatchSize: Sendable {
  var writes = 0
  var bytes = 0

  static func + (left: BatchSize, right: BatchSize) -> BatchSize {
    BatchSize(writes: left.writes + right.writes, bytes: left.bytes + right.bytes)
  }

  func isWithin(_ limit: BatchSize) -> Bool { writes <= limit.writes && bytes <= limit.bytes }
}

/// What waits for the writer thread.
struct WriteQueue: Sendable {
  /// What the writer thread is to do next.
  enum Work {
    case write([Submission])
    case remember([IdempotencyWindow.Entry])
    case compact(CompactionJob)
    case log(LogJob)
    case close
  }

  private var waiting: [Submission] = []

  /// Requests with an id, until the ids of before are remembered.
  private var parked: [Submission] = []
  private var remembered: [IdempotencyWindow.Entry]?
  private var remembersAll = false
  private var isClosing = false

  /// Steps of compactions, which take turns with batches of writes.
  private var compactions: [CompactionJob] = []
  private var isTurnOfCompaction = false

  /// What a copy takes from its leader, once the ids of before are remembered.
  private var logJobs: [LogJob] = []

  /// Why nothing is taken in any more.
  private var refusal: StoreError?

  /// Takes requests in; if it cannot, says why.
  mutating func submit(_ submission: Submission) -> StoreError? {
    if let refusal { return refusal }
    if !remembersAll, submission.needsIdempotency {
      parked.append(submission)
    } else {
      waiting.append(submission)
    }
    return nil
  }

  /// Takes a step of a compaction in; if it cannot, says why.
  mutating func submit(_ job: CompactionJob) -> StoreError? {
    if let refusal { return refusal }
    compactions.append(job)
    return nil
  }

  /// Takes changes of a leader in, or the end of the copy; if it cannot, says why.
  mutating func submit(_ job: LogJob) -> StoreError? {
    if let refusal { return refusal }
    logJobs.append(job)
    return nil
  }

  /// Hands over the request ids that the store has found in its history.
  mutating func remember(_ entries: [IdempotencyWindow.Entry]) {
    remembered = entries
  }

  /// Takes nothing in any more, for this reason, and returns what waits in vain.
  mutating func refuse(_ error: StoreError) -> [Submission] {
    refusal = error
    for job in compactions { job.answer(.failure(error)) }
    compactions = []
    for job in logJobs { job.refuse(error) }
    logJobs = []
    defer {
      waiting = []
      parked = []
    }
    return waiting + parked
  }

  /// Takes nothing in any more; what waits is still done.
  mutating func close() {
    if refusal == nil { refusal = .unavailable(reason: "the store is closed", outcomeUnknown: false) }
    isClosing = true
  }

  /// Whether there is something to write, so that other work can wait.
  var isBusy: Bool { !waiting.isEmpty || !logJobs.isEmpty }

  /// What the writer is to do next; nil if it has to wait. A batch is what waits, up to the limit.
  mutating func next(limit: BatchSize) -> Work? {
    if let entries = remembered {
      remembered = nil
      remembersAll = true
      waiting += parked
      parked = []
      return .remember(entries)
    }
    if !compactions.isEmpty, isTurnOfCompaction || waiting.isEmpty {
      isTurnOfCompaction = false
      return .compact(compactions.removeFirst())
    }
    if remembersAll, !logJobs.isEmpty { return .log(logJobs.removeFirst()) }
    guard !waiting.isEmpty else { return isClosing && parked.isEmpty && logJobs.isEmpty ? .close : nil }
    isTurnOfCompaction = true
    var count = 1
    var size = waiting[0].size
    while count < waiting.count {
      size = size + waiting[count].size
      guard size.isWithin(limit) else { break }
      count += 1
    }
    defer { waiting.removeFirst(count) }
    return .write(Array(waiting[..<count]))
  }
}
