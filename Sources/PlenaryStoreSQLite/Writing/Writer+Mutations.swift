internal import PlenaryStore
internal import Transparency

/// What the versions that one request writes have in common, and what its last one adds.
struct WritePlace {
  let transaction: UInt64
  let actor: UInt32
  let actorName: String
  let requestID: [UInt8]?
  let requestHash: [UInt8]?
  let reason: String?
}

/// The current version of a record that is live or soft-deleted, and what must be known of it to write the next.
struct Standing {
  let revision: UInt64
  let state: RecordState
  let acl: UInt32
  let born: UInt64
  let createTime: Int64
  let creator: UInt32
  let deleteTime: Int64?
  let entries: [IndexEntry]

  /// The version itself, for those who follow the changes; nil if nobody needs it.
  var version: FeedVersion?
}

/// The last version of a key, if there is any: of a record, or of one that was purged.
struct LastVersion {
  /// 0 if the key was never used.
  var revision: UInt64 = 0
  var standing: Standing?
}

/// The version that a change writes.
struct NextVersion {
  let key: Key
  let previous: UInt64
  let state: RecordState
  let acl: UInt32
  let born: UInt64
  let createTime: Int64
  let creator: UInt32
  let deleteTime: Int64?
  let entries: [IndexEntry]

  /// Nil for a purge, and for a version of the leader that was erased since.
  let body: [UInt8]?

  /// Whether the versions before are to hold the same.
  var erases = false
}

/// What the chain of the audit has of a version's body.
struct VersionSeal {
  /// What stands before the body under its digest; nil if there is no body.
  let salt: [UInt8]?

  /// The digest; nil for a purge.
  let bodyDigest: [UInt8]?
}

extension Writer {
  /// Writes the version that a mutation makes, under the revision and time in `state`.
  func apply(_ mutation: Mutation, acl: UInt32, _ place: WritePlace) throws(Fault) {
    let key = mutation.key
    let isPurge = if case .purge = mutation { true } else { false }
    let last = try lastVersion(of: key, withContent: !isPurge)
    switch mutation {
    case .put(_, let content):
      let old = last.standing
      let version = NextVersion(
        key: key, previous: last.revision, state: old?.state ?? .live,
        acl: try marking(acl, after: old), born: old?.born ?? state.revision,
        createTime: old?.createTime ?? state.time, creator: old?.creator ?? place.actor,
        deleteTime: old?.deleteTime, entries: Self.canonical(content.entries), body: content.body)
      try write(version, over: old, place)
    case .softDelete:
      try move(key, from: .live, to: .softDeleted, deleteTime: state.time, last, place)
    case .undelete:
      try move(key, from: .softDeleted, to: .live, deleteTime: nil, last, place)
    case .purge:
      guard let old = last.standing else { throw .refusal(.notFound(key)) }
      let version = NextVersion(
        key: key, previous: last.revision, state: .purged, acl: old.acl, born: old.born, createTime: old.createTime,
        creator: old.creator, deleteTime: old.deleteTime, entries: [], body: nil)
      try write(version, over: old, place)
      try eraseVersions(of: key, from: last.revision)
    case .erase(_, let content):
      guard let old = last.standing else { throw .refusal(.notFound(key)) }
      let version = NextVersion(
        key: key, previous: last.revision, state: old.state, acl: try marking(acl, after: old),
        born: old.born, createTime: old.createTime, creator: old.creator, deleteTime: old.deleteTime,
        entries: Self.canonical(content.entries), body: content.body, erases: true)
      try write(version, over: old, place)
      try redactVersions(from: last.revision, as: version)
    }
  }

  /// The current version of a key; nil if the key was never used or its record was purged.
  func standing(of key: Key) throws(Fault) -> Standing? { try lastVersion(of: key, withContent: false).standing }

  /// Writes a version that differs from the last in its state only.
  private func move(
    _ key: Key, from: RecordState, to: RecordState, deleteTime: Int64?, _ last: LastVersion, _ place: WritePlace
  ) throws(Fault) {
    guard let old = last.standing, old.state == from else { throw .refusal(.notFound(key)) }
    let version = NextVersion(
      key: key, previous: last.revision, state: to, acl: old.acl, born: old.born, createTime: old.createTime,
      creator: old.creator, deleteTime: deleteTime, entries: old.entries, body: try old.body())
    try write(version, over: old, place)
  }

  /// The last version of a key; with its content if somebody is going to be told of it.
  func lastVersion(of key: Key, withContent: Bool) throws(Fault) -> LastVersion {
    let row = statements.standing
    defer { row.reset() }
    guard try row.bind(key.name).step() else { return LastVersion() }
    var last = LastVersion(revision: UInt64(row.integer(0)))
    guard let state = RecordState(rawValue: UInt8(row.integer(1))) else {
      throw .refusal(.corrupt(reason: "revision \(last.revision) has an unknown state"))
    }
    guard state != .purged else { return last }
    let entries = row.blob(7)
    last.standing = Standing(
      revision: last.revision, state: state, acl: UInt32(row.integer(2)), born: UInt64(row.integer(3)),
      createTime: row.integer(4), creator: UInt32(row.integer(5)), deleteTime: row.isNull(6) ? nil : row.integer(6),
      entries: try EntryCoding.decode(entries),
      version: withContent && !row.isNull(10) ? FeedVersion(record: record(row, key, state), entries: entries) : nil)
    return last
  }

  private func record(_ row: SQLiteStatement, _ key: Key, _ state: RecordState) -> StoredRecord {
    StoredRecord(
      key: key, revision: Revision(UInt64(row.integer(0))), state: state, acl: ACL(UInt32(row.integer(2))),
      label: names.label(of: UInt32(row.integer(2))), born: Revision(UInt64(row.integer(3))),
      createTime: CommitTime(microseconds: row.integer(4)),
      updateTime: CommitTime(microseconds: row.integer(8)),
      deleteTime: row.isNull(6) ? nil : CommitTime(microseconds: row.integer(6)),
      creator: names.actors[UInt32(row.integer(5))], actor: names.actors[UInt32(row.integer(9))], body: row.blob(10),
      isConfined: names.isConfined(UInt32(row.integer(2))))
  }

  // MARK: Writing a version

  private func write(_ version: NextVersion, over old: Standing?, _ place: WritePlace) throws(Fault) {
    guard let body = version.body else {
      return try write(version, over: old, VersionSeal(salt: nil, bodyDigest: nil), place)
    }
    let salt = configuration.randomBytes(16)
    let seal = VersionSeal(salt: salt, bodyDigest: AuditLink.bodyDigest(salt: salt, body: body))
    try write(version, over: old, seal, place)
  }

  /// Writes a version that has its seal, under the revision and time in `state`.
  func write(
    _ version: NextVersion, over old: Standing?, _ seal: VersionSeal, _ place: WritePlace
  ) throws(Fault) {
    let entries = version.body.map { _ in EntryCoding.encode(version.entries) }
    try statements.insertVersion
      .bind(Int64(state.revision)).bind(Int64(place.transaction)).bind(state.time).bind(version.key.name)
      .bind(Int64(version.previous)).bind(Int64(version.state.rawValue)).bind(Int64(version.acl))
      .bind(Int64(place.actor)).bind(Int64(version.born)).bind(version.createTime).bind(Int64(version.creator))
      .bind(version.deleteTime).bind(entries).bind(seal.salt)
      .bind(version.body).run()
    try writeAudit(version, seal, place)
    try statements.setHead.bind(version.key.name).bind(Int64(state.revision)).bind(Int64(version.state.rawValue))
      .bind(Int64(version.acl)).run()
    recordTally?.move(
      from: old.map { names.markings[$0.acl].originator },
      to: version.state == .purged ? nil : names.markings[version.acl].originator)
    try writeEntries(of: version, over: old)
    noteConfinement(by: version, over: old, place)
    var old = old
    if version.erases, let body = version.body { old?.version?.redact(body, entries ?? []) }
    note(version, over: old, entries: entries ?? [], place)
  }

  /// Remembers a change for those who keep current versions or the last changes in memory.
  private func note(_ version: NextVersion, over old: Standing?, entries: [UInt8], _ place: WritePlace) {
    let record = StoredRecord(
      // Without a body it is for nobody to read, as after a purge.
      key: version.key, revision: Revision(state.revision), state: version.body == nil ? .purged : version.state,
      acl: ACL(version.acl), label: names.label(of: version.acl), born: Revision(version.born),
      createTime: CommitTime(microseconds: version.createTime),
      updateTime: CommitTime(microseconds: state.time),
      deleteTime: version.deleteTime.map(CommitTime.init(microseconds:)), creator: names.actors[version.creator],
      actor: place.actorName, body: version.body ?? [], isConfined: names.isConfined(version.acl))
    changes.append(
      FeedEntry(
        transaction: place.transaction, previous: version.previous,
        after: FeedVersion(record: record, entries: entries),
        isErased: version.body == nil,
        before: old.map { old in
          FeedEntry.Before(
            state: old.state, acl: ACL(old.acl), content: old.version, isErased: version.state == .purged)
        }, redacts: version.erases && version.body != nil))
  }

  private func writeAudit(_ version: NextVersion, _ seal: VersionSeal, _ place: WritePlace) throws(Fault) {
    let link = AuditLink(
      revision: state.revision, transaction: place.transaction, time: state.time, actor: place.actorName,
      state: version.state.rawValue | (version.erases ? RecordState.erasing : 0), key: version.key.name,
      requestID: place.requestID,
      requestHash: place.requestHash, bodyDigest: seal.bodyDigest, reason: place.reason)
    let row = link.canonicalBytes
    state.chain = AuditLink.hash(of: row, after: state.chain)
    try statements.insertAudit
      .bind(Int64(link.revision)).bind(Int64(link.transaction)).bind(link.time).bind(Int64(place.actor))
      .bind(Int64(link.state)).bind(link.key).bind(link.requestID).bind(link.requestHash).bind(link.bodyDigest)
      .bind(state.chain).bind(link.reason).run()
    try AuditTree.append(row, of: link.revision, to: &state.tree, statements.insertNode)
  }

  // MARK: Index entries

  /// Closes the entries that no longer hold and opens those that newly do; the others stay as they are.
  private func writeEntries(of version: NextVersion, over old: Standing?) throws(Fault) {
    let oldEntries = old?.entries ?? []
    let isSamePartition = old?.acl == version.acl && old?.state == version.state
    let (closed, opened) =
      isSamePartition ? Self.differences(oldEntries, version.entries) : (oldEntries, version.entries)
    if let old {
      for entry in closed { try close(entry, of: version.key, old) }
    }
    for entry in opened {
      try statements.openEntry.bind(Int64(entry.field.id)).bind(Int64(version.acl))
        .bind(Int64(version.state.rawValue)).bind(entry.value.bytes).bind(version.key.name)
        .bind(Int64(state.revision)).run()
    }
  }

  private func close(_ entry: IndexEntry, of key: Key, _ old: Standing) throws(Fault) {
    let take = statements.takeEntry
    defer { take.reset() }
    take.bind(Int64(entry.field.id)).bind(Int64(old.acl)).bind(Int64(old.state.rawValue)).bind(entry.value.bytes)
      .bind(key.name)
    guard try take.step() else {
      throw .refusal(.corrupt(reason: "revision \(old.revision) has an entry that no index holds"))
    }
    let born = take.integer(0)
    // The row is gone only when the statement has run to its end.
    _ = try take.step()
    try statements.closeEntry.bind(Int64(entry.field.id)).bind(Int64(old.acl)).bind(Int64(old.state.rawValue))
      .bind(entry.value.bytes).bind(key.name).bind(born).bind(Int64(state.revision)).run()
  }

  /// The entries in order, each once.
  static func canonical(_ entries: [IndexEntry]) -> [IndexEntry] {
    var once: [IndexEntry] = []
    once.reserveCapacity(entries.count)
    for entry in entries.sorted() where entry != once.last { once.append(entry) }
    return once
  }

  /// What only one of two lists has, each in order and with each entry once.
  private static func differences(
    _ old: [IndexEntry], _ new: [IndexEntry]
  ) -> (onlyOld: [IndexEntry], onlyNew: [IndexEntry]) {
    var (onlyOld, onlyNew): ([IndexEntry], [IndexEntry]) = ([], [])
    var rest = new[...]
    for entry in old {
      while let next = rest.first, next < entry { onlyNew.append(rest.removeFirst()) }
      if rest.first == entry { rest.removeFirst() } else { onlyOld.append(entry) }
    }
    return (onlyOld, onlyNew + rest)
  }

  // MARK: Erasing

  /// Erases what the versions of a key hold, from a revision back to the first.
  func eraseVersions(of key: Key, from last: UInt64) throws(Fault) {
    var revision = Int64(last)
    while revision != 0 {
      let row = statements.versionEntries
      defer { row.reset() }
      guard try row.bind(revision).step() else { return }
      let (previous, state, acl) = (row.integer(0), row.integer(1), row.integer(2))
      for entry in try EntryCoding.decode(row.blob(3)) {
        try statements.erasePastEntry.bind(Int64(entry.field.id)).bind(acl).bind(state).bind(entry.value.bytes)
          .bind(key.name).run()
      }
      row.reset()
      try statements.eraseVersion.bind(revision).run()
      revision = previous
    }
  }
}

extension Standing {
  /// The body of the version.
  fileprivate func body() throws(Fault) -> [UInt8] {
    guard let version else { throw .refusal(.corrupt(reason: "revision \(revision) has no body")) }
    return version.record.body
  }
}
