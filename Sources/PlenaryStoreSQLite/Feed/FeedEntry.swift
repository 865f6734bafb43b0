internal import PlenaryStore

/// A change as it was made, before a follower looks at it.
struct FeedEntry: Sendable {
  /// The version that a change replaced.
  struct Before: Sendable {
    let state: RecordState
    let acl: ACL

    /// The version, with its index entries as it keeps them; nil if it was erased, or nobody has asked for it.
    var content: FeedVersion?

    /// Whether it was erased.
    var isErased: Bool
  }

  /// The last revision of the request.
  let transaction: UInt64

  /// The revision of the key's version before, or 0.
  let previous: UInt64

  /// The version that was written, with its index entries; without content if it was erased since.
  var after: FeedVersion
  var isErased: Bool

  /// What it replaced; nil if there was no record.
  var before: Before?

  /// Whether the versions of the key before hold what this one holds from here on.
  var redacts = false

  /// What the entry costs in memory. What readers are given of a version is about as long as its body.
  var byteCount: Int {
    Self.overheadBytes + after.byteCount + after.record.body.count + (before?.content?.byteCount ?? 0)
  }

  private static let overheadBytes = 512

  /// The entry once the versions of its key have been erased.
  var erased: FeedEntry {
    var entry = self
    entry.after = FeedVersion(record: after.record.with(body: []), entries: [])
    entry.isErased = true
    entry.before?.content = nil
    entry.before?.isErased = true
    return entry
  }

  /// The entry once the versions of its key hold what a later one does.
  func redacted(as notice: FeedVersion) -> FeedEntry {
    guard !isErased else { return self }
    var entry = self
    entry.after.redact(notice.record.body, notice.entries)
    entry.before?.content?.redact(notice.record.body, notice.entries)
    return entry
  }
}

/// A version of a record, and its index entries, encoded.
struct FeedVersion: Sendable {
  private(set) var record: StoredRecord
  private(set) var entries: [UInt8]

  /// Puts other content in the place of what it held.
  mutating func redact(_ body: [UInt8], _ entries: [UInt8]) {
    record = record.with(body: body)
    self.entries = entries
  }

  var byteCount: Int { record.body.count + entries.count }
}
