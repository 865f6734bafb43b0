import PlenaryStore

extension StoreCheck {
  static let erasing: [StoreCheck] = [
    StoreCheck("what a record held is erased from all its versions, and the record stays") { trial in
      let created = try await trial.write(StoreTrial.put("a", "1", [StoreTrial.rank(1)]))
      try await trial.write(StoreTrial.put("a", "2", [StoreTrial.rank(2)]), StoreTrial.put("b", "other"))
      let notice = StoreTrial.content("erased", [StoreTrial.rank(0)])
      let erased = try await trial.write(.erase(StoreTrial.key("a"), notice))
      try await trial.write(StoreTrial.put("a", "3", [StoreTrial.rank(3)]))
      for revision in created.revision.number...erased.revision.number {
        try expect(await trial.text("a", at: Revision(revision)), "erased", "the record at \(revision)")
        let query = Query(conditions: [.init(StoreTrial.Field.rank, .equals(.integer(0)))])
        try expect(await trial.names(query, at: Revision(revision)), ["a"], "the list at \(revision)")
      }
      try expect(await trial.text("b", at: erased.revision), "other", "another record")
      let page = try await trial.store.versions(
        of: StoreTrial.key("a"), as: .everything, from: nil, limit: PageLimit(records: 10))
      try expect(page.versions.map(\.record.text), ["3", "erased", "erased", "erased"], "the versions")
      try expect(page.versions.map(\.kind), [.updated, .erased, .updated, .created], "what was done")
      try expect(Set(page.versions.map(\.record.born)), [created.revision], "the first version")
      try expect(await trial.store.verify(.full, watch: .nobody).findings, [], "what is wrong")
    },
    StoreCheck("an erased record stays deleted, can come back, and tells who follows that it is erased") { trial in
      let key = StoreTrial.key("a")
      try await trial.write(StoreTrial.put("a", "1"))
      let deleted = try await trial.write(.softDelete(key))
      try await trial.write(.erase(key, StoreTrial.content("erased")))
      let record = try require(await trial.record("a"), "record")
      try expect(record.state, .softDeleted, "the state")
      try expect(record.deleteTime, deleted.commitTime, "the deletion")
      let changes = try await trial.store.changes(after: .zero, as: .everything, limit: 10).changes
      try expect(changes.map(\.erases), [false, false, true], "which changes erase")
      try expect(changes.map { $0.record?.text }, ["erased", "erased", "erased"], "what they show")
      try await trial.write(.undelete(key))
      try expect(await trial.text("a"), "erased", "the record")
      try await expect(.notFound(StoreTrial.key("none"))) { () async throws(StoreError) in
        try await trial.write(.erase(StoreTrial.key("none"), StoreTrial.content("erased")))
      }
    },
    StoreCheck("a record that is made anew after a purge is erased, and what was before stays purged") { trial in
      let key = StoreTrial.key("a")
      try await trial.write(StoreTrial.put("a", "1"))
      try await trial.write(.purge(key))
      let born = try await trial.write(StoreTrial.put("a", "2"))
      try await trial.write(.erase(key, StoreTrial.content("erased")))
      try await trial.write(.erase(key, StoreTrial.content("erased again")))
      try expect(await trial.text("a", at: Revision(1)), nil, "the record of before")
      try expect(await trial.text("a", at: born.revision), "erased again", "the record")
      try expect(await trial.store.verify(.full, watch: .nobody).findings, [], "what is wrong")
      try await trial.write(.purge(key))
      try expect(await trial.text("a", at: born.revision), nil, "the record once it is purged")
      try expect(await trial.store.verify(.full, watch: .nobody).findings, [], "what is wrong after a purge")
    },
    StoreCheck("who has an entry is told, and who has had it") { trial in
      let owned = try await trial.write(StoreTrial.put("a", [StoreTrial.owner("o")]))
      let left = try await trial.write(StoreTrial.put("a", []), StoreTrial.put("b", [StoreTrial.owner("o")]))
      try await trial.write(.softDelete(StoreTrial.key("b")))
      try await trial.write(
        .put(StoreTrial.key("c"), StoreTrial.content(marking: StoreTrial.closed, [StoreTrial.owner("o")])))
      func holders(as viewer: Viewer, limit: Int = 10) async throws(StoreError) -> [String] {
        try await trial.store.holders(of: StoreTrial.owner("o"), as: viewer, limit: limit).map(\.key.name)
      }
      try expect(await holders(as: .everything), ["a", "b", "b", "c"], "the holders")
      try expect(await holders(as: StoreTrial.outsider), ["a", "b", "b"], "those that an outsider sees")
      try expect(await holders(as: .everything, limit: 2), ["a", "b"], "the first of them")
      let found = try await trial.store.holders(of: StoreTrial.owner("o"), as: .everything, limit: 10)
      try expect(found[0].start, owned.revision, "the beginning")
      try expect(found[0].end, Revision(left.revision.number - 1), "the end")
      try expect(found.map { $0.end == nil }, [false, false, true, true], "who has it now")
    },
  ]
}
