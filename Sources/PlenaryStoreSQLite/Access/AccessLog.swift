internal import Glibc
package import PlenaryStore
package import Transparency

/// The access log of a store, in files beside it.
///
/// What is noted waits in memory until the thread of the log writes it, a batch at a time, and makes it last. What is the same
/// is counted. Memory and disk are bounded: what is too much is counted as well, and the count stands in the batch.
///
/// Invariant: the files are touched by the thread alone.
package final class AccessLog: AccessRecorder, AccessLogReader {
  /// How much is kept, and for how long.
  package struct Limits: Sendable {
    /// The most different events that wait for a batch.
    package var pendingMax = 10_000

    /// The most entries that are written in an hour, and of those the most that are refusals of callers whom nobody knows.
    package var entriesPerHourMax = 100_000
    package var strangersPerHourMax = 1000

    /// The bytes at which a file is followed by another one.
    package var fileBytes: Int64 = 16 << 20

    /// The most entries that are looked at for one page, so that batches are written in between.
    package var entriesLookedAtMax = 20_000

    /// How long batches are kept at least. They go a file at a time.
    package var retentionDays = 400

    /// The limits that hold if nothing else is said.
    package init() {}
  }

  fileprivate struct Pending {
    var time: CommitTime
    var count: UInt64
  }

  fileprivate struct State {
    var pending: [AccessEvent: Pending] = [:]
    var lostReads: UInt64 = 0
    var lostRefusals: UInt64 = 0
    var (hour, entries, strangers) = (Int64(0), 0, 0)
    var jobs: [Job] = []
    var isClosed = false

    var isEmpty: Bool { pending.isEmpty && lostReads == 0 && lostRefusals == 0 }

    /// Whether there is room for one more entry.
    mutating func takesEntry(of event: AccessEvent, at time: CommitTime, _ limits: Limits) -> Bool {
      let hour = time.microseconds / (3600 * 1_000_000)
      if hour != self.hour { (self.hour, entries, strangers) = (hour, 0, 0) }
      let isStranger = event.outcome == .refused && event.principal.isEmpty
      guard pending.count < limits.pendingMax, entries < limits.entriesPerHourMax,
        !isStranger || strangers < limits.strangersPerHourMax
      else { return false }
      entries += 1
      if isStranger { strangers += 1 }
      return true
    }
  }

  fileprivate typealias Job = @Sendable (inout Place) -> Void

  /// Where the log stands; the thread's own.
  fileprivate struct Place {
    let files: AccessFiles
    var firsts: [UInt64]
    var head: AccessFiles.Head
    var fileBytes: Int64

    /// The oldest batch that has to be there and is not; nil if nothing is missing.
    var missing: UInt64?

    /// Where the log ended at the time that was asked about last.
    var past: (time: CommitTime, end: AccessLogEnd)?

    /// When the files begin, of those that somebody has asked about.
    var begins: [UInt64: Int64] = [:]
  }

  private let state = Monitor(State())
  private let ended = EndOfStore()
  private let key: SigningKey
  private let limits: Limits
  private let now: @Sendable () -> CommitTime
  private let report: @Sendable (StoreError) -> Void
  private let begun: @Sendable () -> Void

  /// Opens the log of a store, and starts its thread.
  ///
  /// - Parameters:
  ///   - key: What batches are signed with.
  ///   - report: Is told what keeps batches from being written.
  ///   - begun: Is called when there is something to be written, for whoever asks for it by `write` a little later.
  /// - Throws: `unavailable`, `corrupt`.
  package init(
    beside store: SQLiteStore, _ key: SigningKey, _ limits: Limits, now: @escaping @Sendable () -> CommitTime,
    report: @escaping @Sendable (StoreError) -> Void, begun: @escaping @Sendable () -> Void
  ) throws(StoreError) {
    self.key = key
    self.limits = limits
    self.now = now
    self.report = report
    self.begun = begun
    let place: Place
    do throws(Fault) {
      place = try Self.place(AccessFiles(directory: store.directoryPath, key: key.verification))
    } catch {
      throw error.storeError
    }
    let (state, ended) = (state, ended)
    let thread = StoreThread {
      var place = place
      while let jobs = state.wait(for: Self.next) { for job in jobs { job(&place) } }
      ended.signal()
    }
    guard let thread else {
      throw .unavailable(reason: "the system has no thread left for the access log", outcomeUnknown: false)
    }
    thread.leaveAlone()
  }

  deinit { close(state) }

  private func close(_ state: Monitor<State>) { state.updateForAll { $0.isClosed = true } }

  /// What is to be done next; nil inside for the end.
  private static func next(_ state: inout State) -> [Job]?? {
    guard state.jobs.isEmpty else {
      defer { state.jobs = [] }
      return .some(state.jobs)
    }
    return state.isClosed ? .some(nil) : nil
  }

  // MARK: Noting

  package func note(_ event: AccessEvent) {
    let time = now()
    let isFirst = state.update { state in
      let wasEmpty = state.isEmpty
      if state.pending[event]?.count != nil {
        state.pending[event]?.count += 1
      } else if !state.isClosed, state.takesEntry(of: event, at: time, limits) {
        state.pending[event] = Pending(time: time, count: 1)
      } else if event.outcome == .read {
        state.lostReads += 1
      } else {
        state.lostRefusals += 1
      }
      return wasEmpty
    }
    if isFirst { begun() }
  }

  /// Writes what waits.
  /// - Throws: `unavailable`, `full`.
  package func write() async throws(StoreError) {
    try await perform { [self] place throws(Fault) in try write(&place) }
  }

  /// Writes what waits, and ends.
  package func close() async {
    // What cannot be written has been reported.
    try? await write()
    close(state)
    await ended.wait()
  }

  private func perform<Value: Sendable>(
    _ body: @escaping @Sendable (inout Place) throws(Fault) -> Value
  ) async throws(StoreError) -> Value {
    let result = Handover<Result<Value, StoreError>>()
    let isTaken = state.update { state in
      guard !state.isClosed else { return false }
      state.jobs.append { place in
        do throws(Fault) {
          result.give(.success(try body(&place)))
        } catch {
          result.give(.failure(error.storeError))
        }
      }
      return true
    }
    if !isTaken { throw .unavailable(reason: "the access log is closed", outcomeUnknown: false) }
    return try await result.take().get()
  }
}

// MARK: The thread's work

extension AccessLog {
  /// Where the log goes on. What a process has left half written that was stopped is cut off.
  private static func place(_ files: AccessFiles) throws(Fault) -> Place {
    var place = Place(files: files, firsts: files.firsts, head: AccessFiles.Head(), fileBytes: 0)
    let head = try files.head()
    if let first = place.firsts.last {
      let contents = try files.contents(first)
      if let last = contents.batches.last {
        place.head = AccessFiles.Head(number: last.batch.number, digest: last.digest)
        place.fileBytes = Int64(contents.byteCount)
        if place.firsts[0] > last.batch.oldest { place.missing = last.batch.oldest }
      }
      let isWhole = head == nil || head == place.head || place.head.number == (head?.number ?? 0) + 1
      if contents.hasRest, isWhole, !contents.batches.isEmpty { files.cut(first, to: contents.byteCount) }
    }
    // An end that is gone is not written over: what comes now names what it should have continued.
    if let head, head.number > place.head.number || head.number == place.head.number && head != place.head {
      place.missing = place.missing ?? (place.firsts.isEmpty ? head.number : nil)
      place.head = head
      place.fileBytes = .max
    }
    return place
  }

  /// Writes what waits as one batch.
  private func write(_ place: inout Place) throws(Fault) {
    let waiting = state.update { state in
      let waiting = state
      if !state.isEmpty { (state.pending, state.lostReads, state.lostRefusals) = ([:], 0, 0) }
      return waiting
    }
    guard !waiting.isEmpty else { return }
    let time = now()
    let entries = waiting.pending.map { event, pending in
      AccessBatch.Entry(
        time: pending.time.microseconds, outcome: event.outcome.rawValue, count: pending.count,
        principal: event.principal, method: event.method, reason: event.reason, resource: event.resource)
    }
    do throws(Fault) {
      let expired = try expired(&place, at: time)
      if place.fileBytes >= limits.fileBytes || place.firsts.isEmpty {
        place.firsts.append(place.head.number + 1)
        place.fileBytes = 0
      }
      guard let first = place.firsts.last else { return }
      // What is missing stays so until it would have gone by itself.
      if expired > 0 { place.missing = nil }
      let oldest = min(place.missing ?? .max, place.firsts[expired])
      let batch = AccessBatch(
        number: place.head.number + 1, previous: place.head.digest, oldest: oldest,
        time: time.microseconds,
        lostReads: waiting.lostReads, lostRefusals: waiting.lostRefusals,
        entries: entries.sorted { ($0.time, $0.resource, $0.method) < ($1.time, $1.resource, $1.method) })
      let (head, byteCount) = try place.files.append(batch, to: first, key)
      place.head = head
      place.fileBytes += Int64(byteCount)
      for first in place.firsts.prefix(expired) { place.files.remove(first) }
      place.firsts.removeFirst(expired)
    } catch {
      // Counted, so that the next batch tells of it.
      state.update { state in
        for (event, pending) in waiting.pending {
          if event.outcome == .read { state.lostReads += pending.count } else { state.lostRefusals += pending.count }
        }
        state.lostReads += waiting.lostReads
        state.lostRefusals += waiting.lostRefusals
      }
      report(error.storeError)
      throw error
    }
  }

  /// How many of the first files are no longer kept: what comes after them is too old itself, so that they are.
  private func expired(_ place: inout Place, at time: CommitTime) throws(Fault) -> Int {
    let least = time.microseconds - Int64(limits.retentionDays) * 24 * 3600 * 1_000_000
    var count = 0
    for first in place.firsts.dropFirst() {
      guard let begin = try Self.begin(of: first, &place), begin < least else { break }
      count += 1
    }
    return count
  }

  /// When a file begins; nil if it has no batch.
  private static func begin(of first: UInt64, _ place: inout Place) throws(Fault) -> Int64? {
    if place.begins[first] == nil { place.begins[first] = try place.files.contents(first).batches.first?.batch.time }
    return place.begins[first]
  }
}

extension AccessLog {
  package func verify() async throws(StoreError) -> [VerifyReport.Finding] {
    try await perform { place throws(Fault) in try place.files.findings() }
  }

  /// What in the access log beside a stopped store is not as it was written.
  /// - Throws: `unavailable`, `corrupt`.
  package static func verify(
    directory: String, _ key: VerificationKey?
  ) throws(StoreError) -> [VerifyReport.Finding] {
    do throws(Fault) {
      return try AccessFiles(directory: directory, key: key).findings()
    } catch {
      throw error.storeError
    }
  }

  /// What in the access log beside a stopped store is not what heads of the tree over the audit commit to.
  /// - Throws: `unavailable`, `corrupt`.
  package static func verify(
    directory: String, _ key: SigningKey, _ heads: [(title: String, checkpoint: Checkpoint)]
  ) throws(StoreError) -> [VerifyReport.Finding] {
    do throws(Fault) {
      return try AccessFiles(directory: directory, key: nil).findings(of: heads, key)
    } catch {
      throw error.storeError
    }
  }

  package func end(at time: CommitTime?) async throws(StoreError) -> AccessLogEnd {
    try await perform { place throws(Fault) in
      guard let time else { return place.head.end }
      // It is asked again and again for as long as a head is the published one.
      if let past = place.past, past.time == time { return past.end }
      let end = try AccessFiles(directory: place.files.directory, key: nil).end(at: time)
      place.past = (time, end)
      return end
    }
  }

  package func entries(_ question: AccessQuestion) async throws(StoreError) -> AccessPage {
    try await perform { [self] place throws(Fault) in
      try write(&place)
      return try page(question, &place)
    }
  }

  /// The places of a batch, of which the last two are for what was only counted.
  private static let placesPerBatch: UInt64 = 1 << 24

  /// How far a clock may have been set back without an entry being missed that is asked for by its time.
  private static let clockSlack: Int64 = 3600 * 1_000_000

  /// A page of entries: full, unless so many were looked at that whoever asks has to go on with the next one.
  private func page(_ question: AccessQuestion, _ place: inout Place) throws(Fault) -> AccessPage {
    let through = question.through ?? (place.head.number + 1) * Self.placesPerBatch - 1
    // Signatures are for whoever verifies.
    let files = AccessFiles(directory: place.files.directory, key: nil)
    var (found, lookedAt, reached) = ([AccessEntry](), 0, question.place)
    let firsts = try Self.firsts(question, &place)
    for first in firsts where Self.isAhead(first, place, question) {
      let batches = try files.contents(first).batches
      let entries = batches.flatMap { Self.entries(of: $0.batch) }
      for entry in question.isOldestFirst ? entries : entries.reversed() {
        guard entry.place <= through, Self.isAhead(entry, question) else { continue }
        guard lookedAt < limits.entriesLookedAtMax else {
          return AccessPage(entries: found, through: through, next: reached)
        }
        if Self.counts(entry, question) {
          guard found.count < question.limit else {
            return AccessPage(entries: found, through: through, next: reached)
          }
          found.append(entry)
        }
        lookedAt += 1
        reached = entry.place
      }
      // What comes next was written before.
      if !question.isOldestFirst, let least = Self.leastTime(question), let begin = batches.first?.batch.time,
        begin < least
      {
        break
      }
    }
    return AccessPage(entries: found, through: through, next: nil)
  }

  /// The time before which no batch is written that has entries for a question; nil if it asks for all times.
  private static func leastTime(_ question: AccessQuestion) -> Int64? {
    question.start.map { max($0.microseconds, Int64.min + clockSlack) - clockSlack }
  }

  /// The files that a question is about, in its order. Where the oldest come first, those are left out that ended before its
  /// start.
  private static func firsts(_ question: AccessQuestion, _ place: inout Place) throws(Fault) -> [UInt64] {
    guard question.isOldestFirst else { return place.firsts.reversed() }
    guard let least = leastTime(question) else { return place.firsts }
    var (low, high) = (0, place.firsts.count)
    while low < high {
      let middle = (low + high) / 2
      let first = place.firsts[middle]
      if let begin = try Self.begin(of: first, &place), begin < least { low = middle + 1 } else { high = middle }
    }
    // The last one that begins before goes on until the next one.
    return Array(place.firsts.dropFirst(max(0, low - 1)))
  }

  /// Whether a file can have entries behind the place of a question.
  private static func isAhead(_ first: UInt64, _ place: Place, _ question: AccessQuestion) -> Bool {
    guard let from = question.place else { return true }
    if !question.isOldestFirst { return first * placesPerBatch < from }
    guard let next = place.firsts.first(where: { $0 > first }) else { return true }
    return next * placesPerBatch > from
  }

  /// Whether an entry stands behind the place of a question.
  private static func isAhead(_ entry: AccessEntry, _ question: AccessQuestion) -> Bool {
    guard let place = question.place else { return true }
    return question.isOldestFirst ? entry.place > place : entry.place < place
  }

  private static func counts(_ entry: AccessEntry, _ question: AccessQuestion) -> Bool {
    if let start = question.start, entry.time < start { return false }
    if let end = question.end, entry.time >= end { return false }
    return question.isWanted(entry)
  }

  private static func entries(of batch: AccessBatch) -> [AccessEntry] {
    let base = batch.number * placesPerBatch
    var entries = batch.entries.enumerated().compactMap { index, entry -> AccessEntry? in
      guard let outcome = AccessEvent.Outcome(rawValue: entry.outcome) else { return nil }
      let event = AccessEvent(
        outcome, principal: entry.principal, method: entry.method, reason: entry.reason, resource: entry.resource)
      return AccessEntry(
        place: base + UInt64(index), time: CommitTime(microseconds: entry.time), event: event, count: entry.count)
    }
    let lost = [(AccessEvent.Outcome.read, batch.lostReads), (.refused, batch.lostRefusals)]
    for (index, (outcome, count)) in lost.enumerated() where count > 0 {
      entries.append(
        AccessEntry(
          place: base + placesPerBatch - 2 + UInt64(index), time: CommitTime(microseconds: batch.time), lost: outcome,
          count: count))
    }
    return entries
  }
}
