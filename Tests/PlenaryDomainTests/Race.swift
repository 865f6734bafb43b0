import PlenaryDomain

/// Does something many times at once, and counts how often it succeeds and why it does not.
func race(
  _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
) async throws -> (successes: Int, reasons: Set<Reason>) {
  try await withThrowingTaskGroup(of: Reason?.self) { group in
    for index in 0..<count {
      group.addTask {
        do throws {
          try await body(index)
          return nil
        } catch let error as DomainError {
          return error.reason
        }
      }
    }
    var successes = 0
    var reasons: Set<Reason> = []
    for try await reason in group {
      if let reason { reasons.insert(reason) } else { successes += 1 }
    }
    return (successes, reasons)
  }
}
