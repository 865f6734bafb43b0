import PlenaryStore

extension StoreCheck {
  static let history: [StoreCheck] = [
    StoreCheck("every version stays readable at its revisions") { trial in
      try await trial.write(StoreTrial.put("other"))
      for text in ["1", "2", "3"] { try await trial.write(StoreTrial.put("a", text), StoreTrial.put("other")) }
      let texts = [nil, nil, "1", "1", "2", "2", "3", "3"]
      for (revision, text) in texts.enumerated() {
        try expect(await trial.text("a", at: Revision(UInt64(revision))), text, "the text at \(revision)")
      }
    },
    StoreCheck("a read at a revision to come is refused") { trial in
      try await trial.write(StoreTrial.put("a"))
      let error = StoreError.revisionInFuture(head: Revision(1))
      try await expect(error) { () async throws(StoreError) in _ = try await trial.text("a", at: Revision(2)) }
      try await expect(error) { () async throws(StoreError) in
        _ = try await trial.store.list(
          Query(conditions: [StoreTrial.members]), as: .everything, after: nil, limit: PageLimit(records: 1),
          at: Revision(2))
      }
    },
    StoreCheck("many keys are read at one revision") { trial in
      async let writing: [Void] = concurrently(1) { _ in
        for round in 1...50 { try await trial.write(StoreTrial.put("a", "\(round)"), StoreTrial.put("b", "\(round)")) }
      }
      for _ in 0..<50 {
        let keys = ["a", "missing", "b", "a"].map(StoreTrial.key)
        let texts = try await trial.store.get(keys, as: .everything, at: nil).records.map { $0?.text }
        try expect(texts, [texts[0], nil, texts[0], texts[0]], "the records of one moment")
      }
      _ = try await writing
    },
    StoreCheck("records, lists and pages agree with a model, now and at every revision") { trial in
      var numbers = SeededNumbers(seed: 2)
      var model = StoreModel()
      while model.head.number < 250 {
        let mutation = StoreModel.anyMutation(&numbers)
        let isAccepted = model.apply(mutation)
        let result = await trial.store.commit([WriteRequest(actor: "a", mutations: [mutation])])[0]
        try expect((result.receipt != nil) == isAccepted, "the store and the model differ on \(mutation)")
      }
      for revision in stride(from: UInt64(250), through: 0, by: -25).map(Revision.init) {
        for viewer in [Viewer.everything, StoreTrial.outsider] {
          try await compare(trial, model, viewer, revision)
        }
      }
    },
  ]

  static func compare(
    _ trial: StoreTrial, _ model: StoreModel, _ viewer: Viewer, _ revision: Revision
  ) async throws {
    for name in model.histories.keys {
      let expected = model.version(name, as: viewer, at: revision)
      let found = try await trial.record(name, as: viewer, at: revision)
      try expect(found?.revision, expected?.revision, "the revision of \(name) at \(revision)")
      try expect(found?.body, expected?.content.body, "the body of \(name) at \(revision)")
      try expect(found?.state, expected?.state, "the state of \(name) at \(revision)")
    }
    for (index, query) in StoreModel.queries.enumerated() {
      let expected = model.names(query, as: viewer, at: revision)
      for pageSize in [3, 100] {
        let found = try await trial.names(query, as: viewer, pageSize: pageSize, at: revision)
        try expect(found, expected, "query \(index) at \(revision) in pages of \(pageSize)")
      }
    }
  }
}
