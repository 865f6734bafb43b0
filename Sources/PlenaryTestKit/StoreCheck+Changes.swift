import PlenaryStore

extension StoreCheck {
  static let changes: [StoreCheck] = [
    StoreCheck("changes come in order, in whole transactions") { trial in
      for round in 0..<6 {
        try await trial.write(
          StoreTrial.put("a/\(round)"), StoreTrial.put("b", "\(round)"), .softDelete(StoreTrial.key("a/\(round)")))
      }
      for limit in [1, 3, 4, 7, 100] {
        var revision = Revision.zero
        var changes: [Change] = []
        while true {
          let batch = try await trial.store.changes(after: revision, as: .everything, limit: limit)
          guard batch.through != revision else { break }
          try expect(batch.changes.count <= max(3, limit), "a batch exceeds its limit of \(limit)")
          try expect(batch.changes.last?.transaction, batch.through, "the transaction reached")
          changes += batch.changes
          revision = batch.through
        }
        try expect(changes.map(\.revision.number), Array(1...18), "the revisions")
        try expect(changes.map(\.transaction.number), (1...18).map { ($0 + 2) / 3 * 3 }, "the transactions")
        try expect(changes[2].record?.state, .softDeleted, "the state after a deletion")
      }
    },
    StoreCheck("a purged record leaves changes without content") { trial in
      try await trial.write(StoreTrial.put("a", "secret"))
      try await trial.write(.purge(StoreTrial.key("a")))
      let batch = try await trial.store.changes(after: .zero, as: .everything, limit: 10)
      try expect(batch.changes.map { $0.record == nil }, [true, true], "the absence of content")
      try expect(batch.changes.map(\.wasVisible), [false, true], "what was seen before")
    },
    StoreCheck("changes that go on while they are read are read once each") { trial in
      let wakeups = trial.store.wakeups()
      async let writing: [Void] = concurrently(4) { writer in
        for round in 0..<25 { try await trial.write(StoreTrial.put("w\(writer)/\(round)"), StoreTrial.put("all")) }
      }
      var revisions: [UInt64] = []
      var reached = Revision.zero
      for await head in wakeups {
        while reached < head {
          let batch = try await trial.store.changes(after: reached, as: .everything, limit: 10)
          revisions += batch.changes.map(\.revision.number)
          reached = batch.through
        }
        if reached.number == 200 { break }
      }
      _ = try await writing
      try expect(revisions, Array(1...200), "the revisions")
    },
    StoreCheck("there are no changes after a revision to come") { trial in
      try await trial.write(StoreTrial.put("a"))
      let batch = try await trial.store.changes(after: Revision(1), as: .everything, limit: 10)
      try expect(batch.changes.isEmpty, "there are changes after the head")
      try expect(batch.through, Revision(1), "the revision reached")
      try await expect(.revisionInFuture(head: Revision(1))) { () async throws(StoreError) in
        _ = try await trial.store.changes(after: Revision(2), as: .everything, limit: 10)
      }
    },
  ]
}
