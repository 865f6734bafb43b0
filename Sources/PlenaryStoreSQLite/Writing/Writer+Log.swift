internal import PlenaryStore
internal import Transparency

extension Writer {
  /// What can be put back when a batch is not written.
  private struct Mark {
    let state: State
    let replica: Replica?
    let markings: Int
    let actors: Int
    let window: Int
  }

  /// Writes changes of the leader in one transaction and answers. Returns why the store can write no more, if so.
  func take(
    _ entries: [LogEntry], from source: LogSource, _ answer: (Result<Void, StoreError>) -> Void
  ) -> StoreError? {
    guard replica != nil else {
      answer(.failure(.notFollower))
      return nil
    }
    window.forgetOld(now: configuration.now().microseconds)
    if ballast.state == .spent { ballast.hold() }
    guard ballast.state != .spent else {
      answer(.failure(.full))
      return nil
    }
    let before = Mark(
      state: state, replica: replica, markings: names.markings.count, actors: names.actors.count, window: window.count)
    changes.removeAll()
    confinements = []
    var isCommitting = false
    do throws(Fault) {
      try setErasing(entries.contains { $0.state == RecordState.purged.rawValue || $0.erases })
      try statements.begin.run()
      let isForeign = !source.form.isEmpty && configuration.indexing.map { $0.form != source.form } ?? false
      for entry in entries { try take(entry, of: source, indexing: isForeign ? configuration.indexing : nil) }
      if let last = entries.last, !last.endsRequest { throw Self.differs(last, "its request does not end with it") }
      try noteErased(entries, head: source.head)
      published.publish(names)
      try statements.setMeta.bind(Int64(state.revision)).bind(state.chain).run()
      isCommitting = true
      let start = configuration.nanoseconds()
      try statements.commit.run()
      figures.noteCommit(nanoseconds: configuration.nanoseconds() - start, changes: entries.count)
      published.publish(head: state.revision, changes: changes)
      changes.removeAll()
      configuration.observer?.storeDidCommit(
        requests: entries.count { $0.endsRequest }, changes: entries.count)
      answer(.success(()))
      return nil
    } catch {
      state = before.state
      replica = before.replica
      names.markings.truncate(to: before.markings)
      names.actors.truncate(to: before.actors)
      window.forgetLast(window.count - before.window)
      let (reason, failure) = undo(after: error, isCommitting: isCommitting)
      answer(.failure(reason))
      // What a leader sends wrongly is no damage here.
      if case .differs = reason { return nil }
      return failure
    }
  }

  /// Makes the copy a store of its own, and answers. The writer is used no more then.
  func promote(_ answer: (Result<Promotion, StoreError>) -> Void) -> (isDone: Bool, failure: StoreError?) {
    do throws(Fault) {
      try statements.begin.run()
      let promotion = try SQLiteStore.promote(on: connection, now: configuration.now())
      try statements.commit.run()
      replica = nil
      published.publish(head: promotion.revision.number, changes: CommittedChanges(bytesMax: 0))
      answer(.success(promotion))
      return (true, nil)
    } catch {
      let (reason, failure) = undo(after: error)
      answer(.failure(reason))
      return (false, reason == .notFollower ? nil : failure)
    }
  }

  // MARK: One change

  /// Writes the version and the row of the audit that the leader has, once they are known to continue what is here.
  ///
  /// - Parameter indexing: Makes the index entries; nil if those that were sent are right.
  private func take(_ entry: LogEntry, of source: LogSource, indexing: Indexing?) throws(Fault) {
    guard entry.revision.number == state.revision + 1 else {
      throw Self.differs(entry, "\(state.revision) is the last one here")
    }
    guard entry.state != AuditLink.restored else { throw Self.differs(entry, "an epoch of the leader begins with it") }
    guard let key = Key(entry.key), let recordState = RecordState(audited: entry.state) else {
      throw Self.differs(entry, "it is no change of a record")
    }
    if let content = entry.version?.content, !content.salt.isEmpty,
      AuditLink.bodyDigest(salt: content.salt, body: content.body) != entry.bodyDigest
    {
      throw Self.differs(entry, "the body is not the one whose digest stands in the audit")
    }
    // What was erased since can be told from a lack only by the erasure, which is still to come.
    guard entry.version?.content?.salt.isEmpty != true || source.head > entry.revision else {
      throw Self.differs(entry, "the salt of its body is missing")
    }
    guard (entry.bodyDigest == nil) == (recordState == .purged), recordState != .purged || !entry.hasContent else {
      throw Self.differs(entry, "a record that is purged has no body, and every other one has")
    }
    state.revision += 1
    state.time = entry.time.microseconds
    let last = try lastVersion(of: key, withContent: recordState != .purged)
    let actor = try number(of: entry.actor)
    let version = try nextVersion(key, recordState, entry, last, actor: actor, indexing)
    let place = WritePlace(
      transaction: entry.transaction.number, actor: actor, actorName: entry.actor, requestID: entry.requestID,
      requestHash: entry.requestHash, reason: entry.reason)
    try write(
      version, over: last.standing,
      VersionSeal(salt: entry.version?.content?.salt.nonEmpty, bodyDigest: entry.bodyDigest), place)
    guard state.chain == entry.chain else {
      throw Self.differs(entry, "the chain of the audit does not lead there")
    }
    if version.erases, version.body != nil {
      try redactVersions(from: last.revision, as: version)
    } else if version.erases || recordState == .purged {
      try eraseVersions(of: key, from: last.revision)
    }
    if entry.endsRequest { try confine() }
    if let requestID = entry.requestID, entry.endsRequest {
      window.remember(
        IdempotencyWindow.Entry(
          digest: IdempotencyWindow.Digest(stored: requestID), revision: state.revision, time: state.time))
    }
  }

  /// The version that the leader has written, with what follows from the one before it.
  private func nextVersion(
    _ key: Key, _ recordState: RecordState, _ entry: LogEntry, _ last: LastVersion, actor: UInt32, _ indexing: Indexing?
  ) throws(Fault) -> NextVersion {
    let old = last.standing
    let acl: UInt32
    switch (recordState, entry.version, old) {
    case (.purged, _, let old?): acl = old.acl
    case (.purged, _, nil): throw Self.differs(entry, "there is no record \(key) to purge")
    case (_, let version?, _):
      acl = try marking(try number(of: version.marking), after: old)
    case (_, nil, _): throw Self.differs(entry, "its version is missing")
    }
    let deleteTime: Int64? =
      switch recordState {
      case .live: nil
      case .softDeleted: old?.state == .softDeleted ? old?.deleteTime : state.time
      case .purged: old?.deleteTime
      }
    if let version = entry.version, old != nil, version.previous.number != last.revision {
      throw Self.differs(entry, "its version does not follow the one of revision \(last.revision), which is here")
    }
    let content = entry.version?.content
    return NextVersion(
      key: key, previous: entry.version?.previous.number ?? last.revision, state: recordState, acl: acl,
      born: old?.born ?? state.revision, createTime: old?.createTime ?? state.time, creator: old?.creator ?? actor,
      deleteTime: deleteTime,
      entries: try content.map { content throws(Fault) in try entries(of: entry, key, content, indexing) } ?? [],
      body: content?.body, erases: entry.erases)
  }

  /// The index entries of a version that the leader has written: those that it sent, or others that are made here.
  private func entries(
    of entry: LogEntry, _ key: Key, _ content: LogEntry.Version.Content, _ indexing: Indexing?
  ) throws(Fault) -> [IndexEntry] {
    if let made = indexing?.entries(key, content.body) { return Self.canonical(made) }
    let sent: [IndexEntry]
    do throws(Fault) {
      sent = try EntryCoding.decode(content.entries)
    } catch {
      throw Self.differs(entry, "its index entries cannot be read")
    }
    guard sent == Self.canonical(sent) else { throw Self.differs(entry, "its index entries are not in order") }
    return sent
  }

  /// Notes until where versions can be erased whose purge has not come yet.
  private func noteErased(_ entries: [LogEntry], head: Revision) throws(Fault) {
    let isErased = entries.contains { entry in
      entry.state != RecordState.purged.rawValue && entry.version?.content?.salt.nonEmpty == nil
    }
    guard isErased, let erased = replica?.erased, head.number > erased else { return }
    try connection.prepare("UPDATE replica SET erased = ?").bind(Int64(head.number)).run()
    replica?.erased = head.number
  }

  private static func differs(_ entry: LogEntry, _ reason: String) -> Fault {
    .refusal(.differs(at: entry.revision, reason: reason))
  }
}

extension LogEntry {
  fileprivate var hasContent: Bool { version?.content != nil }
}

extension [UInt8] {
  /// Nil if there is nothing in it.
  fileprivate var nonEmpty: [UInt8]? { isEmpty ? nil : self }
}
