import PlenaryStore

extension StoreCheck {
  static let deletions: [StoreCheck] = [
    StoreCheck("a soft-deleted record answers by key, and in lists only when asked for") { trial in
      let created = try await trial.write(StoreTrial.put("a", "text", [StoreTrial.rank(1)]))
      let deleted = try await trial.write(.softDelete(StoreTrial.key("a")), by: "clients/b")
      let record = try require(await trial.record("a"), "record")
      try expect(record.state, .softDeleted, "the state")
      try expect(record.text, "text", "the body")
      try expect(record.born, created.revision, "the first version")
      try expect(record.deleteTime, deleted.commitTime, "the deletion")
      try expect([record.creator, record.actor], ["clients/a", "clients/b"], "who wrote it")
      var query = Query(conditions: [StoreTrial.members])
      try expect(await trial.names(query), [], "the list")
      query.includesDeleted = true
      try expect(await trial.names(query), ["a"], "the list with what is deleted")
      query.order = .field(StoreTrial.Field.rank)
      try expect(await trial.names(query), ["a"], "the ordered list with what is deleted")
    },
    StoreCheck("undeleting brings a record back as it was") { trial in
      try await trial.write(StoreTrial.put("a", "text", [StoreTrial.rank(1)]))
      try await trial.write(.softDelete(StoreTrial.key("a")))
      try await trial.write(.undelete(StoreTrial.key("a")))
      let record = try require(await trial.record("a"), "record")
      try expect(record.state, .live, "the state")
      try expect(record.text, "text", "the body")
      try expect(record.deleteTime, nil, "the deletion")
      let query = Query(conditions: [StoreTrial.members], order: .field(StoreTrial.Field.rank))
      try expect(await trial.names(query), ["a"], "the list")
    },
    StoreCheck("a put leaves a soft-deleted record deleted") { trial in
      try await trial.write(StoreTrial.put("a", "1"))
      let deleted = try await trial.write(.softDelete(StoreTrial.key("a")))
      try await trial.write(StoreTrial.put("a", "2"))
      let record = try require(await trial.record("a"), "record")
      try expect(record.state, .softDeleted, "the state")
      try expect(record.text, "2", "the body")
      try expect(record.deleteTime, deleted.commitTime, "the deletion")
    },
    StoreCheck("only what is live is deleted, and only what is deleted is undeleted") { trial in
      let (a, missing) = (StoreTrial.key("a"), StoreTrial.key("missing"))
      try await trial.write(StoreTrial.put("a"))
      try await expect(.notFound(a)) { () async throws(StoreError) in try await trial.write(.undelete(a)) }
      try await trial.write(.softDelete(a))
      try await expect(.notFound(a)) { () async throws(StoreError) in try await trial.write(.softDelete(a)) }
      for mutation in [Mutation.softDelete(missing), .undelete(missing), .purge(missing)] {
        try await expect(.notFound(missing)) { () async throws(StoreError) in try await trial.write(mutation) }
      }
    },
    StoreCheck("a purged record is gone at every revision") { trial in
      let key = StoreTrial.key("a")
      try await trial.write(StoreTrial.put("a", "1", [StoreTrial.rank(1)]))
      try await trial.write(StoreTrial.put("a", "2", [StoreTrial.rank(2)]), StoreTrial.put("b"))
      let before = try await trial.write(.softDelete(key))
      let purge = try await trial.write(.purge(key))
      let query = Query(conditions: [StoreTrial.members], includesDeleted: true)
      for revision in 1...purge.revision.number {
        try expect(await trial.text("a", at: Revision(revision)), nil, "the record at \(revision)")
        let names = try await trial.names(query, at: Revision(revision))
        try expect(!names.contains("a"), "a list shows the record at \(revision)")
      }
      try expect(await trial.names(query, at: before.revision), ["b"], "the other records")
      try await expect(.notFound(key)) { () async throws(StoreError) in try await trial.write(.purge(key)) }
    },
    StoreCheck("a live record can be purged, and its key used again") { trial in
      let key = StoreTrial.key("a")
      let first = try await trial.write(StoreTrial.put("a", "1", [StoreTrial.rank(1)]))
      try await trial.write(.purge(key))
      try expect(trial.store.cached(key, as: .everything)?.record.text, nil, "the record in memory")
      let second = try await trial.write(
        StoreTrial.put("a", "2", [StoreTrial.rank(1)]), if: [.absent(key)], by: "clients/b")
      let record = try require(await trial.record("a"), "record")
      try expect(record.text, "2", "the body")
      try expect(record.born, second.revision, "the first version")
      try expect(record.creator, "clients/b", "the creator")
      try expect(await trial.text("a", at: first.revision), nil, "the purged record")
    },
  ]
}
