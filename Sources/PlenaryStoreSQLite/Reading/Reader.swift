internal import PlenaryStore

/// A reader thread's connection, and what it does with it.
// SENDABLE: made before its thread starts, and touched by that thread alone from then on.
final class Reader: @unchecked Sendable {
  private let statements: ReadStatements
  private let published: Published
  private let effort: SQLiteStore.Configuration.ListEffort

  init(
    _ connection: SQLiteConnection, _ published: Published, _ effort: SQLiteStore.Configuration.ListEffort
  ) throws(Fault) {
    statements = try ReadStatements(connection)
    self.published = published
    self.effort = effort
  }

  /// Does reads until there are no more to come.
  func run(_ queue: Monitor<ReadQueue>, readers: Int) {
    while true {
      let jobs = queue.wait { $0.next(readers: readers) }
      if jobs.isEmpty { return }
      perform(jobs)
    }
  }

  private func perform(_ jobs: [ReadJob]) {
    let transaction: ReadTransaction
    do throws(Fault) {
      transaction = try ReadTransaction(statements, published, effort)
    } catch {
      for job in jobs { job.run(.failure(error.storeError)) }
      return
    }
    for job in jobs { job.run(.success(transaction)) }
    do throws(Fault) {
      try transaction.end()
    } catch {
      // The reads have been answered, and the next BEGIN will say what is wrong.
      return
    }
  }
}
