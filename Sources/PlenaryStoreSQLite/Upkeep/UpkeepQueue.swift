internal import PlenaryStore

/// What waits for the thread that does upkeep: one thing after another.
struct UpkeepQueue: Sendable {
  /// A piece of upkeep; it is told if it cannot be done.
  typealias Job = @Sendable (StoreError?) -> Void

  private var waiting: [Job] = []

  /// Whether what is under way must stop.
  private(set) var isClosed = false

  /// Takes a job in, unless the store is closed.
  mutating func submit(_ job: @escaping Job) -> StoreError? {
    guard !isClosed else { return Self.closed }
    waiting.append(job)
    return nil
  }

  /// Takes nothing in any more, and returns what waits in vain.
  mutating func close() -> [Job] {
    isClosed = true
    defer { waiting = [] }
    return waiting
  }

  /// What to do next; nil if there is nothing yet, an empty list if it is over.
  mutating func next() -> [Job]? {
    if !waiting.isEmpty { return [waiting.removeFirst()] }
    return isClosed ? [] : nil
  }

  /// What is told of work that a closed store is asked for.
  static let closed = StoreError.unavailable(reason: "the store is closed", outcomeUnknown: false)

  /// The life of the thread.
  static func run(_ queue: Monitor<UpkeepQueue>) {
    while let job = queue.wait(for: { $0.next() }).first { job(nil) }
  }
}
