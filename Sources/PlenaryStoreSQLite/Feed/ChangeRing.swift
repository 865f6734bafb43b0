internal import PlenaryStore

/// The last changes, in memory, for any number of followers: each of them has a place here, and nothing else.
///
/// Invariants:
/// - The entries are of consecutive revisions, all of them durable; the first is of revision `first`.
/// - There are at most `changesMax` of them, and they take at most `bytesMax`.
/// - `newest` has for each key in the ring its last revision there. As every change goes through the ring, that is the
///   current version of the record.
/// - Nothing that was erased is legible here.
struct ChangeRing {
  private let changesMax: Int
  private let bytesMax: Int

  /// The entries, behind room for those that have gone, which is given back when it has become half of all.
  private var slots: [FeedEntry?] = []
  private var gone = 0
  private var first: UInt64
  private var byteCount = 0
  private var newest: [Key: UInt64] = [:]

  /// A ring with nothing in it, to which the changes after a revision will be added.
  init(after head: UInt64, changesMax: Int, bytesMax: Int) {
    first = head + 1
    self.changesMax = changesMax
    self.bytesMax = bytesMax
  }

  /// How many changes there are.
  var count: Int { slots.count - gone }

  private var last: UInt64 { first + UInt64(count) - 1 }

  /// Adds the next change.
  mutating func append(_ entry: FeedEntry) {
    let revision = entry.after.record.revision.number
    if revision != last + 1 { clear(before: revision) }
    let key = entry.after.record.key
    if entry.after.record.state == .purged { replaceAll(of: key) { $0.erased } }
    if entry.redacts { replaceAll(of: key) { $0.redacted(as: entry.after) } }
    slots.append(entry)
    byteCount += entry.byteCount
    newest[key] = revision
    while count > changesMax || byteCount > bytesMax { removeFirst() }
  }

  /// Forgets everything; the next change will be of this revision.
  mutating func clear(before revision: UInt64) {
    slots = []
    gone = 0
    byteCount = 0
    newest = [:]
    first = revision
  }

  /// Whether all changes after a revision are here.
  func reachesBack(to place: UInt64) -> Bool { place + 1 >= first }

  /// The entries after a revision and up to another one, at most so many; nil if some of them are not here.
  func entries(after place: UInt64, through end: UInt64, countMax: Int) -> [FeedEntry]? {
    guard reachesBack(to: place), end <= last else { return nil }
    let start = gone + Int(place + 1 - first)
    let stop = min(gone + Int(end + 1 - first), start + countMax)
    return slots[start..<stop].compactMap(\.self)
  }

  /// The marking that a record in the ring has now.
  func acl(of key: Key) -> ACL? {
    newest[key].flatMap { slots[gone + Int($0 - first)]?.after.record.acl }
  }

  private mutating func removeFirst() {
    guard let entry = slots[gone] else { return }
    byteCount -= entry.byteCount
    let key = entry.after.record.key
    if newest[key] == first { newest[key] = nil }
    slots[gone] = nil
    gone += 1
    first += 1
    // Moving the rest forward is paid for by as many changes added.
    if gone > slots.count / 2 {
      slots.removeFirst(gone)
      gone = 0
    }
  }

  /// Puts others in the place of all versions of a key.
  private mutating func replaceAll(of key: Key, _ replacement: (FeedEntry) -> FeedEntry) {
    var revision = newest[key]
    while let place = revision, place >= first, let entry = slots[gone + Int(place - first)] {
      let other = replacement(entry)
      byteCount += other.byteCount - entry.byteCount
      slots[gone + Int(place - first)] = other
      revision = entry.previous
    }
  }
}
