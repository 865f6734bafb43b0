internal import PlenaryStore

/// How many records, live and soft-deleted, each originator has.
///
/// It is kept in memory alone: counted once, when the first request depends on it, and moved along by each version that is
/// written from then on.
struct RecordTally {
  private var counts: [String: Int] = [:]

  /// What has been added since the mark.
  private var added: [String: Int] = [:]

  /// The records of an originator.
  func count(of originator: String) -> Int { counts[originator, default: 0] }

  /// Counts records that are there.
  mutating func add(_ count: Int, to originator: String) { counts[originator, default: 0] += count }

  /// A record changes its originator, comes (from nil) or goes (to nil).
  mutating func move(from old: String?, to new: String?) {
    guard old != new else { return }
    if let old { change(old, by: -1) }
    if let new { change(new, by: 1) }
  }

  /// Remembers how it is now.
  mutating func mark() { added.removeAll() }

  /// Forgets what has come since the mark.
  mutating func returnToMark() {
    for (originator, count) in added { counts[originator, default: 0] -= count }
    added.removeAll()
  }

  private mutating func change(_ originator: String, by count: Int) {
    counts[originator, default: 0] += count
    added[originator, default: 0] += count
  }
}

extension Precondition {
  /// Whether it depends on how many records an originator has.
  var countsRecords: Bool {
    if case .quota = self { true } else { false }
  }
}

extension Writer {
  /// How many records each originator has.
  func tally() throws(Fault) -> RecordTally {
    guard let recordTally else { preconditionFailure("records are counted before a request that depends on it") }
    return recordTally
  }

  /// Counts the records of all originators, unless that is known.
  func countRecords() throws(Fault) {
    guard recordTally == nil else { return }
    var tally = RecordTally()
    let rows = statements.recordCounts
    defer { rows.reset() }
    while try rows.step() { tally.add(Int(rows.integer(1)), to: names.markings[UInt32(rows.integer(0))].originator) }
    recordTally = tally
  }
}
