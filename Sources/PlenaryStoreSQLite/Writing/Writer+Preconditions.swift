internal import PlenaryStore

extension Writer {
  /// When a precondition is checked.
  enum Moment {
    case before
    case after
  }

  /// Checks the preconditions that look at this moment, in order; refuses the request at the first that fails.
  func check(_ preconditions: [Precondition], at moment: Moment) throws(Fault) {
    for (index, precondition) in preconditions.enumerated() where precondition.moment == moment {
      if let finding = try finding(against: precondition) {
        throw .refusal(.conflict(Conflict(precondition: index, finding: finding)))
      }
    }
  }

  /// What stands against a precondition; nil if it holds.
  private func finding(against precondition: Precondition) throws(Fault) -> Conflict.Finding? {
    switch precondition {
    case .absent(let key):
      return try standing(of: key).map { .present(key, $0.state) }
    case .revision(let key, let revision):
      let found = try standing(of: key).map { Revision($0.revision) }
      return found == revision ? nil : .otherRevision(key, found)
    case .prefixUnchangedSince(let prefix, let revision):
      return try change(under: prefix, after: revision)
    case .exists(let key):
      switch try standing(of: key)?.state {
      case .live: return nil
      case .softDeleted: return .deleted(key)
      case .purged, nil: return .missing(key)
      }
    case .unique(let entry):
      let keys = try liveRecords(with: entry, limit: 2)
      return keys.count < 2 ? nil : .taken(entry, by: keys)
    case .noReferrer(let key, let fields):
      return try referrers(of: key, through: fields)
    case .quota(let originator, let max):
      let count = try tally().count(of: originator)
      return count <= max ? nil : .tooMany(originator: originator, count: count)
    }
  }

  private func change(under prefix: KeyPrefix, after revision: Revision) throws(Fault) -> Conflict.Finding? {
    let row = statements.changeUnderPrefix
    defer { row.reset() }
    guard try row.bind(Int64(revision.number)).bind(prefix.text).bind(prefix.end).step() else { return nil }
    return .changed(Key(stored: row.text(1)), Revision(UInt64(row.integer(0))))
  }

  private func referrers(of key: Key, through fields: [IndexField]) throws(Fault) -> Conflict.Finding? {
    var count = 0
    var sample: [Key] = []
    for field in fields {
      let entry = IndexEntry(field, .reference(key))
      let row = statements.liveWithEntryCount
      defer { row.reset() }
      guard try row.bind(Int64(field.id)).bind(entry.value.bytes).step() else { continue }
      count += Int(row.integer(0))
      // A record that refers by several fields is named once.
      for referrer in try liveRecords(with: entry, limit: Conflict.referrerSampleMax)
      where sample.count < Conflict.referrerSampleMax && !sample.contains(referrer) {
        sample.append(referrer)
      }
    }
    return count == 0 ? nil : .referred(key, by: sample, count: count)
  }

  private func liveRecords(with entry: IndexEntry, limit: Int) throws(Fault) -> [Key] {
    let row = statements.liveWithEntry
    defer { row.reset() }
    row.bind(Int64(entry.field.id)).bind(entry.value.bytes).bind(Int64(limit))
    var keys: [Key] = []
    while try row.step() { keys.append(Key(stored: row.text(0))) }
    return keys
  }
}

extension Precondition {
  /// When it is checked.
  fileprivate var moment: Writer.Moment {
    switch self {
    case .absent, .revision, .prefixUnchangedSince: .before
    case .exists, .unique, .noReferrer, .quota: .after
    }
  }
}
