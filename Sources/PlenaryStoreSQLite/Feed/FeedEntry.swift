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

  /// What the entry costs in memory. What readers are given of a version is about as long as its body.
  var byteCount: Int {
    Self.overheadBytes + after.byteCount + after.record.body.count + (before?.content?.byteCount ?? 0)
  }

  private static let overheadBytes = 512

  /// The entry once the versions of its key have been erased.
  var erased: FeedEntry {
    var entry = self
    entry.after = FeedVersion(record: after.record.withoutBody, entries: [])
    entry.isErased = true
    entry.before?.content = nil
    entry.before?.isErased = true
    return entry
  }
}

/// A version of a record, and its index entries, encoded.
struct FeedVersion: Sendable {
  let record: StoredRecord
  let entries: [UInt8]

  var byteCount: Int { record.body.count + entries.count }
}

extension StoredRecord {
  /// The same version after its content was erased.
  fileprivate var withoutBody: StoredRecord {
    StoredRecord(
      key: key, revision: revision, state: state, acl: acl, label: label, born: born, createTime: createTime,
      updateTime: updateTime, deleteTime: deleteTime, creator: creator, actor: actor, body: [])
  }
}
