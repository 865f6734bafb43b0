internal import PlenaryStore
internal import Transparency

/// The one that writes: takes what waits, does it in one transaction, and answers when that is durable.
///
/// Invariants:
/// - It is used on the writer thread alone, once that runs.
/// - Between batches no transaction is open, and `state`, `names` and `window` are those of the last commit.
/// - No result is given before the COMMIT it depends on has returned.
// SENDABLE: made before the writer thread starts, and touched by that thread alone from then on.
final class Writer: @unchecked Sendable {
  /// What the last change left.
  struct State {
    var revision: UInt64
    var time: Int64
    var chain: [UInt8]
    var tree: MerkleFrontier
  }

  let connection: SQLiteConnection
  let statements: WriteStatements
  let configuration: SQLiteStore.Configuration
  let published: Published
  let figures: Figures

  /// Keeps some of the disk free for when it is full.
  var ballast: Ballast {
    didSet { if ballast.state != oldValue.state { figures.note { $0.ballast = ballast.state } } }
  }

  /// Where the store comes from, while it is a copy.
  var replica: Replica?

  var state: State
  var names: Names
  var window: IdempotencyWindow

  /// What the changes of the request that is being written confine.
  var confinements: [Confinement] = []

  /// What the open transaction has changed, for those who keep current versions or the last changes in memory.
  var changes: CommittedChanges

  /// How many records each originator has; nil until a request depends on it, and after a batch that failed.
  var recordTally: RecordTally?

  /// Whether freed space is overwritten, which is slow.
  private var connectionErases = false

  /// Whether something was erased that the log may still hold.
  var mustTruncateLog = false

  /// Whether something may have been erased since the database was written anew, and whether it was since, with a log
  /// that is still to be emptied.
  var mayNeedCleaning: Bool
  var isCleaned = false

  /// The list of what was erased; nil if there is to be none.
  let erasuresPath: String?

  /// The length of the log when it was last checkpointed.
  private var pagesAtCheckpoint = 0

  init(
    connection: SQLiteConnection, configuration: SQLiteStore.Configuration, published: Published, figures: Figures,
    ballast: Ballast, state: State, names: Names, replica: Replica?, erasuresPath: String?
  ) throws(Fault) {
    self.connection = connection
    self.erasuresPath = erasuresPath
    mayNeedCleaning = try connection.integer("PRAGMA user_version") == Self.uncleaned
    statements = try WriteStatements(connection)
    self.configuration = configuration
    self.published = published
    self.figures = figures
    self.ballast = ballast
    self.state = state
    self.names = names
    self.replica = replica
    window = IdempotencyWindow(
      microsecondsMax: configuration.idempotencyMicrosecondsMax, countMax: configuration.idempotencyCountMax)
    changes = CommittedChanges(bytesMax: configuration.feedBytesMax)
    figures.note { $0.ballast = ballast.state }
  }

  /// Writes a batch and answers it. Returns why the store can write no more, if so.
  func write(_ batch: [Submission]) -> StoreError? {
    let now = configuration.now().microseconds
    // Before the mark that a failed batch returns to: what is forgotten here is not remembered again.
    window.forgetOld(now: now)
    if ballast.state == .spent { ballast.hold() }
    let before = (state: state, markings: names.markings.count, actors: names.actors.count, window: window.count)
    changes.removeAll()
    var isCommitting = false
    do throws(Fault) {
      let results = try perform(batch, now: now)
      if state.revision == before.state.revision {
        try statements.rollback.run()
        names.markings.truncate(to: before.markings)
        names.actors.truncate(to: before.actors)
      } else {
        published.publish(names)
        try statements.setMeta.bind(Int64(state.revision)).bind(state.chain).run()
        isCommitting = true
        let start = configuration.nanoseconds()
        try statements.commit.run()
        figures.noteCommit(
          nanoseconds: configuration.nanoseconds() - start, changes: Int(state.revision - before.state.revision))
        published.publish(head: state.revision, changes: changes)
        changes.removeAll()
        configuration.observer?.storeDidCommit(
          requests: results.reduce(0) { $0 + $1.count }, changes: Int(state.revision - before.state.revision))
      }
      for (submission, answers) in zip(batch, results) { submission.answer(answers) }
      return nil
    } catch {
      state = before.state
      names.markings.truncate(to: before.markings)
      names.actors.truncate(to: before.actors)
      window.forgetLast(window.count - before.window)
      return fail(batch, error, isCommitting: isCommitting)
    }
  }

  /// Takes over the request ids that the history holds.
  func remember(_ entries: [IdempotencyWindow.Entry]) {
    for entry in entries { window.remember(entry) }
  }

  /// Does the requests of a batch in the open transaction; a refused one leaves no trace in it.
  private func perform(
    _ batch: [Submission], now: Int64
  ) throws(Fault) -> [[Result<WriteReceipt, StoreError>]] {
    try setErasing(batch.contains { $0.erases })
    try statements.begin.run()
    var results: [[Result<WriteReceipt, StoreError>]] = []
    for submission in batch {
      var answers: [Result<WriteReceipt, StoreError>] = []
      for request in submission.requests {
        do throws(Fault) {
          answers.append(.success(try perform(request, now: now)))
        } catch {
          guard case .refusal(let reason) = error else { throw error }
          answers.append(.failure(reason))
        }
      }
      results.append(answers)
    }
    return results
  }

  /// Says whether the next transaction erases: what it erases must not stay legible in the pages that it frees.
  func setErasing(_ isErasing: Bool) throws(Fault) {
    if isErasing != connectionErases {
      try connection.execute("PRAGMA secure_delete = \(isErasing ? "ON" : "OFF")")
      connectionErases = isErasing
    }
    if isErasing { mustTruncateLog = true }
  }

  /// Rolls back what is left of a batch that SQLite could not write, and answers it. Returns why the store can write
  /// no more, if so.
  private func fail(_ batch: [Submission], _ fault: Fault, isCommitting: Bool) -> StoreError? {
    let (error, failure) = undo(after: fault, isCommitting: isCommitting)
    for submission in batch { submission.answerAll(error) }
    return failure
  }

  /// Rolls back what is left of a transaction that SQLite could not write. Returns what callers are told, and why the
  /// store can write no more, if so.
  func undo(after fault: Fault, isCommitting: Bool = false) -> (error: StoreError, failure: StoreError?) {
    let (error, isFatal) = account(of: fault, isCommitting: isCommitting)
    recordTally = nil
    var failure = isFatal ? error : nil
    // After some errors SQLite has rolled back by itself.
    if connection.isInTransaction {
      do throws(Fault) {
        try statements.rollback.run()
      } catch {
        failure = account(of: error, isCommitting: isCommitting).error
      }
    }
    if error == .full { noteFull() }
    return (error, failure)
  }

  /// What callers are told of an error, and whether the store can write no more.
  private func account(of fault: Fault, isCommitting: Bool) -> (error: StoreError, isFatal: Bool) {
    switch fault {
    case .refusal(let error):
      // Nothing refuses a whole batch but data that contradict themselves.
      return (error, true)
    case .sqlite(let code, let message):
      let isFatal = Fault.isFatalToWriter(code)
      // A COMMIT that fails for the disk may have reached it all the same.
      return (
        Fault.storeError(code: code, message: message, outcomeUnknown: isFatal && isCommitting), isFatal
      )
    }
  }

  /// Gives the ballast up, so that what frees space has room for it.
  private func noteFull() {
    ballast.spend()
    configuration.observer?.storeIsFull()
  }

  // MARK: Checkpoints

  /// Moves pages from the log into the database if it is time to, and returns why the store can write no more, if so.
  ///
  /// This runs between batches and on the connection that commits: before SQLite 3.51.3, a checkpoint on another
  /// connection while one commits can corrupt the database.
  func checkpoint(isIdle: Bool) -> StoreError? {
    let limits = configuration.logPages
    let pages = connection.logPages
    let isOverCap = pages >= limits.max
    figures.isLogOverCap = isOverCap
    figures.note { $0.logByteCount = Int64(pages) * Self.logPageBytes }
    // Readers may keep part of the log; trying again is worth it only when more has come.
    let growth = pages < pagesAtCheckpoint ? pages : pages - pagesAtCheckpoint
    guard mustTruncateLog || mayNeedCleaning || growth >= (isIdle ? limits.whenIdle : limits.whenBusy) else {
      return nil
    }
    pagesAtCheckpoint = pages
    if ballast.state == .absent { ballast.hold() }
    do throws(Fault) {
      try clean()
      if mustTruncateLog || pages >= limits.truncate, try truncateLog(waiting: mustTruncateLog || isOverCap) {
        return nil
      }
      if let done = try connection.checkpoint(truncating: false) {
        noteCheckpoint(moved: done.movedPages, remaining: done.logPages - done.movedPages)
      } else {
        noteCheckpoint(moved: 0, remaining: pages)
      }
      return nil
    } catch {
      let (error, isFatal) = account(of: error, isCommitting: false)
      noteCheckpoint(moved: 0, remaining: pages, failure: "\(error)")
      if error == .full { noteFull() }
      return isFatal ? error : nil
    }
  }

  /// A page in the log, with what stands before it there.
  private static let logPageBytes: Int64 = 4096 + 24

  private func noteCheckpoint(moved: Int, remaining: Int, failure: String? = nil) {
    let checkpoint = StoreHealth.Checkpoint(
      time: configuration.now(), pagesMoved: moved, pagesRemaining: remaining, failure: failure)
    figures.note { $0.checkpoint = checkpoint }
    guard failure == nil else { return }
    configuration.observer?.storeDidCheckpoint(framesMoved: moved, framesRemaining: remaining)
  }

  /// Empties the log's file, unless readers keep it.
  ///
  /// For the sake of what is erased, and of a log that would grow without end, writes wait until the reads under way
  /// have ended.
  private func truncateLog(waiting: Bool) throws(Fault) -> Bool {
    let pages = connection.logPages
    guard try connection.checkpoint(truncating: true, waiting: waiting) != nil else { return false }
    mustTruncateLog = false
    try noteClean()
    pagesAtCheckpoint = 0
    figures.isLogOverCap = false
    figures.note { $0.logByteCount = 0 }
    noteCheckpoint(moved: pages, remaining: 0)
    return true
  }
}
