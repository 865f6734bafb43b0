internal import PlenaryStore

extension Writer {
  /// Does one request in the open transaction: all of it, or, when it is refused, nothing.
  func perform(_ request: WriteRequest, now: Int64) throws(Fault) -> WriteReceipt {
    try Self.checkLimits(request)
    let digest = request.idempotency.map(IdempotencyWindow.Digest.init)
    if let idempotency = request.idempotency, let digest, let revision = window.revision(of: digest) {
      return try replay(of: idempotency, doneIn: revision)
    }
    if let replica, !request.mutations.isEmpty { throw .refusal(.follower(leader: replica.leader)) }
    // While the ballast is spent, what is left of the disk is for what frees space.
    if ballast.state == .spent, request.adds { throw .refusal(.full) }
    try check(request.preconditions, at: .before)
    // What is refused from here on is undone; numbers given to names stay, since others may use them.
    let acls = try request.mutations.map { mutation throws(Fault) -> UInt32 in
      guard let content = mutation.content else { return 0 }
      return try number(of: content.marking)
    }
    let actor = try number(of: request.actor)
    let before = (state: state, changes: changes.entries.count, markings: names.markings.count)
    confinements = []
    // Counted before anything of the request is there, so that a refusal can be taken out again.
    if request.preconditions.contains(where: \.countsRecords) { try countRecords() }
    recordTally?.mark()
    try statements.savepoint.run()
    do throws(Fault) {
      let receipt = try write(request, digest: digest, acls: acls, actor: actor, now: now)
      try check(request.preconditions, at: .after)
      try confine()
      try statements.release.run()
      if let digest, !receipt.changes.isEmpty {
        window.remember(
          IdempotencyWindow.Entry(digest: digest, revision: state.revision, time: state.time))
      }
      return receipt
    } catch {
      state = before.state
      changes.truncate(to: before.changes)
      names.markings.truncate(to: before.markings)
      recordTally?.returnToMark()
      // Only a refusal leaves a transaction to go on with.
      guard case .refusal = error else { throw error }
      try statements.rollbackToSavepoint.run()
      try statements.release.run()
      throw error
    }
  }

  private func write(
    _ request: WriteRequest, digest: IdempotencyWindow.Digest?, acls: [UInt32], actor: UInt32, now: Int64
  ) throws(Fault) -> WriteReceipt {
    guard !request.mutations.isEmpty else {
      return WriteReceipt(
        revision: Revision(state.revision), commitTime: CommitTime(microseconds: state.time), changes: [],
        isReplay: false)
    }
    state.time = max(now, state.time + 1)
    let first = state.revision + 1
    let last = state.revision + UInt64(request.mutations.count)
    for (mutation, acl) in zip(request.mutations, acls) {
      state.revision += 1
      let isLast = state.revision == last
      let place = WritePlace(
        transaction: last, actor: actor, actorName: request.actor, requestID: isLast ? digest?.bytes : nil,
        requestHash: isLast ? request.idempotency?.requestHash : nil,
        reason: isLast && !request.reason.isEmpty ? request.reason : nil)
      try apply(mutation, acl: acl, place)
    }
    return WriteReceipt(
      revision: Revision(last), commitTime: CommitTime(microseconds: state.time),
      changes: zip(request.mutations, first...last).map { mutation, revision in
        WriteReceipt.Change(key: mutation.key, revision: Revision(revision))
      },
      isReplay: false)
  }

  /// What a request that was done before had answered then.
  private func replay(of idempotency: Idempotency, doneIn revision: UInt64) throws(Fault) -> WriteReceipt {
    let audit = statements.auditOf
    defer { audit.reset() }
    guard try audit.bind(Int64(revision)).step() else {
      throw .refusal(.corrupt(reason: "the audit has no row for revision \(revision)"))
    }
    guard audit.blob(1) == idempotency.requestHash else { throw .refusal(.requestIDReused) }
    var changes: [WriteReceipt.Change] = []
    let rows = statements.auditOfRequest
    defer { rows.reset() }
    rows.bind(Int64(revision))
    while try rows.step(), rows.integer(1) == Int64(revision) {
      changes.append(
        WriteReceipt.Change(key: Key(stored: rows.text(2)), revision: Revision(UInt64(rows.integer(0)))))
    }
    return WriteReceipt(
      revision: Revision(revision), commitTime: CommitTime(microseconds: audit.integer(0)),
      changes: changes.reversed(), isReplay: true)
  }

  /// The number of a marking, which is given one if it has none.
  func number(of marking: Marking) throws(Fault) -> UInt32 {
    if let number = names.markings.number(of: marking) { return number }
    let number = names.markings.append(marking)
    try statements.insertMarking.bind(Int64(number)).bind(Int64(marking.label)).bind(marking.originator)
      .bind(marking.detail).bind(marking.keeper).run()
    return number
  }

  /// The number of a principal, which is given one if it has none.
  func number(of actor: String) throws(Fault) -> UInt32 {
    if let number = names.actors.number(of: actor) { return number }
    let number = names.actors.append(actor)
    try statements.insertActor.bind(Int64(number)).bind(actor).run()
    return number
  }

  private static func checkLimits(_ request: WriteRequest) throws(Fault) {
    guard request.mutations.count <= WriteRequest.mutationCountMax else {
      throw .refusal(.limitExceeded(.mutations(max: WriteRequest.mutationCountMax)))
    }
    var byteCount = 0
    for mutation in request.mutations {
      guard let content = mutation.content else { continue }
      let key = mutation.key
      guard content.body.count <= Content.byteCountMax else {
        throw .refusal(.limitExceeded(.bodyBytes(key, max: Content.byteCountMax)))
      }
      guard content.entries.count <= Content.entryCountMax else {
        throw .refusal(.limitExceeded(.entries(key, max: Content.entryCountMax)))
      }
      if let entry = content.entries.first(where: { $0.value.bytes.count > IndexValue.byteCountMax }) {
        throw .refusal(.limitExceeded(.entryBytes(key, entry.field, max: IndexValue.byteCountMax)))
      }
      byteCount += content.body.count
    }
    guard byteCount <= WriteRequest.byteCountMax else {
      throw .refusal(.limitExceeded(.requestBytes(max: WriteRequest.byteCountMax)))
    }
  }
}

extension WriteRequest {
  /// Whether it adds to the store or changes what is there, rather than only deletes.
  fileprivate var adds: Bool {
    mutations.contains { mutation in
      switch mutation {
      case .put, .undelete: true
      case .softDelete, .purge, .erase: false
      }
    }
  }
}
