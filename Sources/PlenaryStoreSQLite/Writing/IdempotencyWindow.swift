internal import PlenaryStore
internal import Transparency

/// Which requests with an id were done lately, and in which revision.
///
/// It reaches back a fixed time or a fixed number of requests, whichever is less. The ids stand in the audit; here is
/// only what finds them, because a table ordered by random ids would cost every write a random page of the disk.
struct IdempotencyWindow {
  /// The first 16 bytes of a digest of client, method and request id.
  struct Digest: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The digest of a request's name.
    init(_ idempotency: Idempotency) {
      var bytes: [UInt8] = []
      for part in [idempotency.client, idempotency.method, idempotency.requestID] {
        // The counts keep the parts apart.
        bytes += "\(part.utf8.count):".utf8
        bytes += part.utf8
      }
      self.init(stored: AuditLink.digest(bytes, []))
    }

    /// The digest that stands in the audit.
    init(stored bytes: [UInt8]) {
      high = Self.word(bytes.prefix(8))
      low = Self.word(bytes.dropFirst(8).prefix(8))
    }

    /// What stands in the audit.
    var bytes: [UInt8] {
      [high, low].flatMap { word in
        stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
      }
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// A request that was done.
  struct Entry: Sendable {
    let digest: Digest

    /// The last revision of the request.
    let revision: UInt64

    /// Microseconds since the Unix epoch.
    let time: Int64
  }

  private let microsecondsMax: Int64
  private let countMax: Int
  private var revisions: [Digest: UInt64] = [:]

  /// The entries by age, from `oldest` on; what stands before that is forgotten.
  private var entries: [Entry] = []
  private var oldest = 0

  init(microsecondsMax: Int64, countMax: Int) {
    self.microsecondsMax = microsecondsMax
    self.countMax = countMax
  }

  /// The last revision of a request that was done in the window.
  func revision(of digest: Digest) -> UInt64? { revisions[digest] }

  /// Takes in a request that is younger than those taken in before.
  mutating func remember(_ entry: Entry) {
    entries.append(entry)
    revisions[entry.digest] = entry.revision
  }

  /// Forgets the requests taken in last, whose transaction was rolled back.
  mutating func forgetLast(_ count: Int) {
    for entry in entries.suffix(count) { revisions[entry.digest] = nil }
    entries.removeLast(count)
  }

  /// How many requests have been taken in; with `forgetLast`, a mark to return to.
  var count: Int { entries.count }

  /// Forgets what has fallen out of the window. Never called between a mark and the return to it.
  mutating func forgetOld(now: Int64) {
    while oldest < entries.count,
      entries.count - oldest > countMax || entries[oldest].time < now - microsecondsMax
    {
      // A request id that came again after it was forgotten names a younger request.
      if revisions[entries[oldest].digest] == entries[oldest].revision { revisions[entries[oldest].digest] = nil }
      oldest += 1
    }
    // Moving the rest forward is paid for by as many entries forgotten.
    if oldest > entries.count / 2 {
      entries.removeFirst(oldest)
      oldest = 0
    }
  }
}
