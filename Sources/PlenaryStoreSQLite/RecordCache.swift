internal import PlenaryStore
internal import Synchronization

/// Current versions in memory, by key, up to a number of bytes.
///
/// Invariants:
/// - A record in the cache is the current version, or becomes outdated only by a commit that is not published yet:
///   the writer replaces what it has changed before it answers, and a version that was read before such a change is
///   not let in after it.
/// - What has been used since the hand last passed stays (the CLOCK algorithm), so one pass over a large collection
///   does not push out what is read all the time.
struct RecordCache: ~Copyable {
  private static let shardCount = 16

  /// What a record costs besides its key, its body, and what its readers are given of it, which is about as long.
  private static let overheadBytes = 512

  private struct Slot {
    var record: StoredRecord
    var wasUsed: Bool
  }

  private struct Shard {
    var places: [Key: Int] = [:]
    var slots: [Slot?] = []
    var free: [Int] = []
    var hand = 0
    var byteCount = 0

    /// The last commit that changed a record of this shard, cached or not.
    var lastChange = Revision.zero
  }

  // One lock a shard: readers of different records do not wait for each other.
  private let shards: [Guarded]
  private let shardBytesMax: Int

  private final class Guarded: Sendable {
    let shard = Mutex(Shard())
  }

  init(byteCountMax: Int) {
    shards = (0..<Self.shardCount).map { _ in Guarded() }
    shardBytesMax = byteCountMax / Self.shardCount
  }

  /// The current version of a record, if it is here.
  func record(_ key: Key) -> StoredRecord? {
    guarded(key).shard.withLock { shard in
      guard let place = shard.places[key] else { return nil }
      shard.slots[place]?.wasUsed = true
      return shard.slots[place]?.record
    }
  }

  /// Takes in a version that was current at a revision, unless something here has changed since.
  func fill(_ record: StoredRecord, currentAt revision: Revision) {
    let size = Self.byteCount(record)
    guard size <= shardBytesMax / 8 else { return }
    guarded(record.key).shard.withLock { shard in
      guard shard.lastChange <= revision, shard.places[record.key] == nil else { return }
      while shard.byteCount + size > shardBytesMax { Self.evictOne(&shard) }
      let place = shard.free.popLast() ?? shard.slots.count
      if place == shard.slots.count { shard.slots.append(nil) }
      shard.slots[place] = Slot(record: record, wasUsed: false)
      shard.places[record.key] = place
      shard.byteCount += size
    }
  }

  /// Notes that a record has changed, and replaces it if it is here.
  func publish(_ record: StoredRecord) {
    guarded(record.key).shard.withLock { shard in
      shard.lastChange = record.revision
      guard let place = shard.places[record.key], let old = shard.slots[place]?.record else { return }
      shard.byteCount -= Self.byteCount(old)
      if record.state == .purged {
        shard.places[record.key] = nil
        shard.slots[place] = nil
        shard.free.append(place)
      } else {
        shard.byteCount += Self.byteCount(record)
        shard.slots[place]?.record = record
      }
    }
  }

  /// Lets go of a record, and of what was read of it before a revision.
  func forget(_ key: Key, asOf revision: Revision) {
    guarded(key).shard.withLock { shard in
      shard.lastChange = max(shard.lastChange, revision)
      guard let place = shard.places.removeValue(forKey: key), let old = shard.slots[place]?.record else { return }
      shard.byteCount -= Self.byteCount(old)
      shard.slots[place] = nil
      shard.free.append(place)
    }
  }

  /// The end of a name is where names differ.
  private func guarded(_ key: Key) -> Guarded {
    let utf8 = key.name.utf8
    let text = utf8.span
    var sum: UInt8 = 0
    for index in max(0, text.count - 8)..<text.count { sum = sum &* 31 &+ text[index] }
    return shards[Int(sum) % Self.shardCount]
  }

  private static func byteCount(_ record: StoredRecord) -> Int {
    2 * record.body.count + record.key.name.utf8.count + overheadBytes
  }

  /// Moves the hand on to the next record that was not used since it last passed, and removes that.
  private static func evictOne(_ shard: inout Shard) {
    while true {
      shard.hand = shard.hand + 1 < shard.slots.count ? shard.hand + 1 : 0
      guard let slot = shard.slots[shard.hand] else { continue }
      if slot.wasUsed {
        shard.slots[shard.hand]?.wasUsed = false
        continue
      }
      shard.places[slot.record.key] = nil
      shard.slots[shard.hand] = nil
      shard.free.append(shard.hand)
      shard.byteCount -= byteCount(slot.record)
      return
    }
  }
}
