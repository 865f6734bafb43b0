import PlenaryStore

extension StoreCheck {
  static let audit: [StoreCheck] = [
    StoreCheck("the audit has a row for each change, in both directions and page by page") { trial in
      try await trial.writeAudited()
      for isOldestFirst in [true, false] {
        let expected = isOldestFirst ? Array(1...8) : (1...8).reversed()
        for limit in [1, 3, 8, 100] {
          let rows = try await trial.auditRows(limit: limit) { $0.isOldestFirst = isOldestFirst }
          try expect(rows.map { Int($0.revision.number) }, expected, "the revisions")
        }
        // Where few rows are looked at, pages are empty and lead on.
        let rows = try await trial.auditRows(limit: 2, lookedAtMax: 1) { $0.isOldestFirst = isOldestFirst }
        try expect(rows.count, 8, "the rows, one looked at a time")
      }
      let rows = try await trial.auditRows { $0.isOldestFirst = true }
      try expect(rows.map(\.key), ["a/1", "a/2", "b", "a/1", "a/1", "b", "a/2", "b"], "the records")
      try expect(rows.map(\.state), [1, 1, 1, 1, 2, 1, 3, 1], "the states")
      try expect(rows.map(\.actor), ["clients/a", "clients/a"] + Array(repeating: "clients/b", count: 6), "the actors")
      try expect(rows.map { Int($0.transaction.number) }, [2, 2, 3, 4, 5, 6, 7, 8], "the ends of the requests")
      try expect(Set(rows.map(\.chain)).count, 8, "the hashes of the chain")
      try expect(rows.map(\.time), rows.map(\.time).sorted(), "the times")
      try expect(rows[6].bodyDigest, nil, "what a purge holds")
    },
    StoreCheck("the audit is asked by who, when, what and up to where") { trial in
      try await trial.writeAudited()
      func numbers(_ change: (inout AuditQuestion) -> Void) async throws -> [Int] {
        try await trial.auditRows(change).map { Int($0.revision.number) }
      }
      try expect(await numbers { $0.actor = "clients/a" }, [2, 1], "what one principal did")
      try expect(await numbers { $0.actor = "clients/none" }, [], "what nobody did")
      try expect(await numbers { $0.isWanted = { $0.key.hasPrefix("a/") } }, [7, 5, 4, 2, 1], "some records")
      try expect(await numbers { $0.through = Revision(3) }, [3, 2, 1], "up to a revision")
      let times = try await trial.auditRows { $0.isOldestFirst = true }.map(\.time)
      try expect(await numbers { $0.start = times[4] }, [8, 7, 6, 5], "from a time on")
      try expect(await numbers { $0.end = times[4] }, [4, 3, 2, 1], "before a time")
      try expect(await numbers { ($0.start, $0.end) = (times[2], times[4]) }, [4, 3], "between two times")
      try expect(await numbers { ($0.start, $0.end) = (times[4], times[2]) }, [], "between times that are none")
      try await expect(.revisionInFuture(head: Revision(8))) { () async throws(StoreError) in
        _ = try await trial.store.auditRows(
          AuditQuestion(viewer: .everything, through: Revision(9), limit: 1, lookedAtMax: 1))
      }
    },
    StoreCheck("the audit tells a viewer of what it sees and saw, and outlives the versions") { trial in
      try await trial.writeAudited()
      func numbers(_ viewer: Viewer) async throws -> [Int] {
        try await trial.auditRows { $0.viewer = viewer }.map { Int($0.revision.number) }
      }
      // b was closed at first, and a/1 is closed now.
      try expect(await numbers(StoreTrial.outsider), [8, 7, 2], "what an outsider is told")
      _ = try await trial.compact(to: Revision(8))
      try expect(await numbers(.everything), Array((1...8).reversed()), "what is left after a compaction")
      try expect(await numbers(StoreTrial.outsider), [8], "what an outsider is told after it")
    },
  ]
}

extension StoreTrial {
  /// Eight changes in seven requests, of two principals.
  fileprivate func writeAudited() async throws {
    try await write(Self.put("a/1", "1"), Self.put("a/2", "1"))
    try await write(Self.put("b", "1", marking: Self.closed), by: "clients/b")
    try await write(Self.put("a/1", "2", marking: Self.closed), by: "clients/b")
    try await write(.softDelete(Self.key("a/1")), by: "clients/b")
    try await write(Self.put("b", "2", marking: Self.closed), by: "clients/b")
    try await write(.purge(Self.key("a/2")), by: "clients/b")
    try await write(Self.put("b", "3"), by: "clients/b")
  }

  /// The rows of all pages.
  fileprivate func auditRows(
    limit: Int = 100, lookedAtMax: Int = 1000, _ change: (inout AuditQuestion) -> Void = { _ in }
  ) async throws -> [AuditRow] {
    var question = AuditQuestion(
      viewer: .everything, through: try await head(), limit: limit, lookedAtMax: lookedAtMax)
    change(&question)
    var rows: [AuditRow] = []
    repeat {
      let page = try await store.auditRows(question)
      try expect(page.rows.count <= limit, "a page exceeds its limit")
      rows += page.rows
      question.place = page.next
    } while question.place != nil
    return rows
  }
}
