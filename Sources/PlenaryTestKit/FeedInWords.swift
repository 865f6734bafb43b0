internal import PlenaryStore
internal import ProtobufRuntime

/// Tells of a part in words: what was lent of it, and what was given.
struct FeedInWords: FeedTeller {
  /// What was lent, nil if nothing was; and the part.
  typealias Told = (lent: [String]?, part: FeedPart)

  private var lent: [String]?

  var takesLent: Bool { true }

  mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?) {
    var words = Self.words(
      change.kind, String(copying: key), change.queryIndex, change.time, change.transaction)
    if let body {
      words += Self.words(
        change.revision, born: change.born, change.createTime, change.creator, change.actor, change.label,
        [UInt8](copying: body))
    }
    lent = (lent ?? []) + [words]
  }

  mutating func told(of part: FeedPart) -> Told { (lent, part) }

  /// The same words for a change that was given.
  static func words(_ change: FeedChange) -> String {
    let outline = words(change.kind, change.key.name, change.queryIndex, change.time, change.transaction)
    guard let after = change.after else { return outline }
    return outline
      + words(
        after.revision, born: after.born, after.createTime, after.creator, after.actor, after.label, after.body)
  }

  private static func words(
    _ kind: FeedChange.Kind, _ key: String, _ index: Int, _ time: CommitTime, _ transaction: Revision
  ) -> String {
    "\(kind) \(key) of \(index) at \(time.microseconds) in \(transaction)"
  }

  private static func words(
    _ revision: Revision, born: Revision, _ createTime: CommitTime, _ creator: String, _ actor: String,
    _ label: Int32, _ body: [UInt8]
  ) -> String {
    ": \(revision) of \(born), made at \(createTime.microseconds) by \(creator), by \(actor), \(label), \(body)"
  }
}
