internal import PlenaryStore

/// The life of an open store on its writer thread: writes, checkpoints, and in the end gives everything back.
// SENDABLE: made before the thread starts, and touched by that thread alone from then on.
final class WriterThread: @unchecked Sendable {
  private var writer: Writer?
  private let configuration: SQLiteStore.Configuration
  private let directory: StoreDirectory
  private let published: Published
  private let writes: Monitor<WriteQueue>
  private let reads: Monitor<ReadQueue>
  private let upkeep: Monitor<UpkeepQueue>
  private let upkeepThread: StoreThread?
  private let figures: Figures
  private let search: SQLiteSearchIndex
  private let readerThreads: [StoreThread]
  private let ended: EndOfStore

  private init(
    _ opened: OpenedStore, writes: Monitor<WriteQueue>, reads: Monitor<ReadQueue>, upkeep: Monitor<UpkeepQueue>,
    readerThreads: [StoreThread], ended: EndOfStore
  ) {
    writer = opened.writer
    configuration = opened.configuration
    directory = opened.directory
    published = opened.published
    self.writes = writes
    self.reads = reads
    self.upkeep = upkeep
    upkeepThread = StoreThread { UpkeepQueue.run(upkeep) }
    figures = opened.figures
    search = opened.search
    self.readerThreads = readerThreads
    self.ended = ended
  }

  /// Starts the threads of an open store; nothing runs if not all can.
  /// - Throws: `unavailable` if the system has no threads left.
  static func start(
    _ opened: OpenedStore, writes: Monitor<WriteQueue>, reads: Monitor<ReadQueue>, upkeep: Monitor<UpkeepQueue>,
    ended: EndOfStore
  ) throws(StoreError) {
    let count = opened.readers.count
    let readerThreads = opened.readers.compactMap { reader in
      StoreThread { reader.run(reads, readers: count) }
    }
    let body = WriterThread(
      opened, writes: writes, reads: reads, upkeep: upkeep, readerThreads: readerThreads, ended: ended)
    guard readerThreads.count == count, body.upkeepThread != nil, let thread = StoreThread({ body.run() }) else {
      body.endReaders()
      body.endUpkeep()
      throw .unavailable(reason: "the system has no threads left", outcomeUnknown: false)
    }
    // It tells its end itself, as the last it does.
    thread.leaveAlone()
  }

  private func run() {
    writer?.ballast.hold()
    // What was erased before the end of the process before, and not done with.
    if let writer, writer.mayNeedCleaning, let failure = writer.checkpoint(isIdle: true) { fail(failure) }
    writeUntilClosed()
    published.endWaiting()
    endReaders()
    endUpkeep()
    search.end()
    writer?.ballast.remove()
    // The last connection to close moves the log into the database and removes it; only then may another process come.
    writer = nil
    directory.release()
    published.finish()
    ended.signal()
  }

  private func writeUntilClosed() {
    guard let writer else { return }
    let limit = BatchSize(writes: configuration.batchWritesMax, bytes: configuration.batchBytesMax)
    while true {
      switch writes.wait(for: { $0.next(limit: limit) }) {
      case .close: return
      case .remember(let entries): writer.remember(entries)
      case .compact(let job):
        let isIdle = { [writes] in writes.update { !$0.isBusy } }
        if let failure = writer.compact(job) ?? writer.checkpoint(isIdle: isIdle()) { fail(failure) }
      case .log(let job):
        let isIdle = { [writes] in writes.update { !$0.isBusy } }
        if let failure = perform(job, with: writer) ?? writer.checkpoint(isIdle: isIdle()) { fail(failure) }
      case .write(let batch):
        let isIdle = { [writes] in writes.update { !$0.isBusy } }
        if let failure = writer.write(batch) ?? writer.checkpoint(isIdle: isIdle()) { fail(failure) }
      }
    }
  }

  /// Does what a copy does, and returns why the store can write no more, if so.
  private func perform(_ job: LogJob, with writer: Writer) -> StoreError? {
    switch job {
    case .take(let entries, let source, let answer): return writer.take(entries, from: source, answer)
    case .promote(let answer):
      let (isDone, failure) = writer.promote(answer)
      if isDone {
        let refusal = StoreError.unavailable(
          reason: "the store was promoted, and has to be opened again", outcomeUnknown: false)
        for submission in writes.update({ $0.refuse(refusal) }) { submission.answerAll(refusal) }
      }
      return failure
    }
  }

  /// The store writes no more; whoever started it is told, and must end it.
  private func fail(_ error: StoreError) {
    let refusal = StoreError.unavailable(reason: "the store has failed: \(error)", outcomeUnknown: false)
    for submission in writes.update({ $0.refuse(refusal) }) { submission.answerAll(refusal) }
    figures.note { $0.failure = "\(error)" }
    configuration.observer?.storeDidFail(error)
  }

  private func endUpkeep() {
    for job in upkeep.updateForAll({ $0.close() }) { job(UpkeepQueue.closed) }
    upkeepThread?.join()
  }

  private func endReaders() {
    reads.updateForAll { $0.close(.unavailable(reason: "the store is closed", outcomeUnknown: false)) }
    for thread in readerThreads { thread.join() }
  }
}
