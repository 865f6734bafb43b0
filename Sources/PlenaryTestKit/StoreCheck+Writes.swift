import PlenaryStore

extension StoreCheck {
  static let writes: [StoreCheck] = [
    StoreCheck("a record is read back as it was written") { trial in
      let body = [UInt8](0...255)
      let mutation = Mutation.put(
        StoreTrial.key("a/1"), Content(body: body, marking: StoreTrial.open, entries: []))
      let receipt = try await trial.write(mutation, by: "clients/first")
      let record = try require(await trial.record("a/1"), "record")
      try expect(record.body, body, "the body")
      try expect(record.key.name, "a/1", "the key")
      try expect(record.revision, receipt.revision, "the revision")
      try expect(record.revision, Revision(1), "the first revision")
      try expect(record.born, receipt.revision, "the first version")
      try expect(record.createTime, receipt.commitTime, "the creation")
      try expect(record.updateTime, receipt.commitTime, "the update")
      try expect(record.deleteTime, nil, "the deletion")
      try expect(record.state, .live, "the state")
      try expect([record.creator, record.actor], ["clients/first", "clients/first"], "who wrote it")
    },
    StoreCheck("a body without bytes is a body") { trial in
      try await trial.write(StoreTrial.put("a"))
      try expect(await trial.record("a")?.body, [], "the body")
      try await trial.write(.softDelete(StoreTrial.key("a")))
      try expect(await trial.record("a")?.body, [], "the body of the deleted record")
    },
    StoreCheck("an update keeps birth and creator") { trial in
      let first = try await trial.write(StoreTrial.put("a", "1"), by: "clients/first")
      let second = try await trial.write(StoreTrial.put("a", "2"), by: "clients/second")
      let record = try require(await trial.record("a"), "record")
      try expect(record.text, "2", "the body")
      try expect(record.born, first.revision, "the first version")
      try expect(record.createTime, first.commitTime, "the creation")
      try expect(record.updateTime, second.commitTime, "the update")
      try expect([record.creator, record.actor], ["clients/first", "clients/second"], "who wrote it")
    },
    StoreCheck("a request is done wholly or not at all") { trial in
      try await trial.write(StoreTrial.put("a", "before"))
      try await expect(.notFound(StoreTrial.key("missing"))) { () async throws(StoreError) in
        try await trial.write(
          StoreTrial.put("a", "after"), StoreTrial.put("b"), .softDelete(StoreTrial.key("missing")))
      }
      try expect(await trial.text("a"), "before", "the record that would have changed")
      try expect(await trial.text("b"), nil, "the record that would have been created")
      try expect(await trial.head(), Revision(1), "the head")
      try expect(await trial.names(Query(conditions: [StoreTrial.members])), ["a"], "the list")
    },
    StoreCheck("a request without changes is a check of its preconditions") { trial in
      let receipt = try await trial.write(StoreTrial.put("a"))
      let check = try await trial.write(if: [.exists(StoreTrial.key("a"))])
      try expect(check.revision, receipt.revision, "the revision")
      try expect(check.changes, [], "the changes")
      try expect(await trial.finding(against: .exists(StoreTrial.key("b"))), .missing(StoreTrial.key("b")))
    },
    StoreCheck("one key can change several times in a request") { trial in
      let receipt = try await trial.write(
        StoreTrial.put("a", "1", [StoreTrial.rank(1)]), StoreTrial.put("a", "2", [StoreTrial.rank(2)]),
        .softDelete(StoreTrial.key("a")))
      try expect(receipt.changes.map(\.revision.number), [1, 2, 3], "the revisions")
      let record = try require(await trial.record("a"), "record")
      try expect(record.text, "2", "the body")
      try expect(record.state, .softDeleted, "the state")
    },
    StoreCheck("requests handed in together are done in order and apart") { trial in
      let requests = [
        WriteRequest(actor: "a", mutations: [StoreTrial.put("a", "1")]),
        WriteRequest(
          actor: "a", mutations: [StoreTrial.put("b", "lost"), .undelete(StoreTrial.key("a"))]),
        WriteRequest(
          actor: "a", preconditions: [.revision(StoreTrial.key("a"), Revision(1)), .absent(StoreTrial.key("b"))],
          mutations: [StoreTrial.put("a", "2"), StoreTrial.put("c", "3")]),
      ]
      let results = await trial.store.commit(requests)
      try expect(results.map(\.receipt?.revision), [Revision(1), nil, Revision(3)], "the revisions")
      try expect(await trial.text("a"), "2", "the record changed twice")
      try expect(await trial.text("b"), nil, "the record of the refused request")
    },
    StoreCheck("revisions have no gaps and times rise, whoever writes") { trial in
      let receipts = try await concurrently(8) { writer in
        var receipts: [WriteReceipt] = []
        for round in 0..<25 {
          let name = "w\(writer)/\(round)"
          if round % 5 == 4 {
            _ = try await trial.finding(
              StoreTrial.put(name), against: .absent(StoreTrial.key("w\(writer)/0")))
          } else if round % 3 == 0 {
            receipts.append(try await trial.write(StoreTrial.put(name), StoreTrial.put(name + "/more")))
          } else {
            receipts.append(try await trial.write(StoreTrial.put(name)))
          }
        }
        return receipts
      }.flatMap { $0 }.sorted { $0.revision < $1.revision }
      let revisions = receipts.flatMap { $0.changes.map(\.revision.number) }
      try expect(revisions, Array(1...UInt64(revisions.count)), "the revisions")
      try expect(await trial.head().number, UInt64(revisions.count), "the head")
      for (earlier, later) in zip(receipts, receipts.dropFirst()) {
        try expect(earlier.commitTime < later.commitTime, "a later commit has no later time")
      }
    },
    StoreCheck("what a receipt tells is seen by every read after it") { trial in
      try await trial.write(StoreTrial.put("a", "0"))
      _ = try await concurrently(4) { reader in
        for round in 1...50 {
          let text = "\(reader)/\(round)"
          let receipt = try await trial.write(StoreTrial.put("own/\(reader)", text))
          let own = try await trial.store.get(StoreTrial.key("own/\(reader)"), as: .everything)
          try expect(own.record?.text, text, "the record just written")
          try expect(own.revision >= receipt.revision, "a read is at an older revision than the receipt")
          if let cached = trial.store.cached(StoreTrial.key("own/\(reader)"), as: .everything) {
            try expect(cached.record.text, text, "the record in memory")
            try expect(cached.revision >= receipt.revision, "memory is at an older revision than the receipt")
          }
        }
      }
    },
    StoreCheck("what one read has shown, every read after it shows, and nobody sees half a request") { trial in
      let key = StoreTrial.key("a")
      try await trial.write(StoreTrial.put("a"), StoreTrial.put("b"))
      _ = try await concurrently(4) { reader in
        for round in 0..<100 {
          if reader == 0 {
            try await trial.write(StoreTrial.put("a", "\(round)"), StoreTrial.put("b", "\(round)"))
            continue
          }
          let first = try await trial.store.get([key], as: .everything, at: nil)
          guard let cached = trial.store.cached(key, as: .everything), let record = first.records[0] else { continue }
          try expect(cached.revision >= first.revision, "memory is at an older revision than the read before")
          try expect(cached.record.revision >= record.revision, "memory has an older version than the read before")
          // Every request wrote two.
          try expect(cached.revision.number % 2, 0, "the revision that memory shows, beyond whole requests")
          try expect(await trial.head() >= cached.revision, "the head is older than what memory shows")
        }
      }
    },
    StoreCheck("the head wakes those who wait, and closing ends their waiting") { trial in
      var wakeups = trial.store.wakeups().makeAsyncIterator()
      let receipt = try await trial.write(StoreTrial.put("a"), StoreTrial.put("b"))
      try expect(await wakeups.next(), receipt.revision, "the head")
      await trial.store.close()
      try expect(await wakeups.next(), nil, "the head of a closed store")
      let error = StoreError.unavailable(reason: "the store is closed", outcomeUnknown: false)
      try await expect(error) { () async throws(StoreError) in try await trial.write(StoreTrial.put("c")) }
      try await expect(error) { () async throws(StoreError) in _ = try await trial.text("a") }
    },
  ]
}

/// Runs an operation several times at once.
func concurrently<Value: Sendable>(
  _ count: Int, _ operation: @escaping @Sendable (Int) async throws -> Value
) async throws -> [Value] {
  try await withThrowingTaskGroup(of: Value.self) { group in
    for index in 0..<count { group.addTask { try await operation(index) } }
    var values: [Value] = []
    for try await value in group { values.append(value) }
    return values
  }
}
