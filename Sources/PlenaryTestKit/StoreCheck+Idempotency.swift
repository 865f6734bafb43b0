import PlenaryStore

extension StoreCheck {
  private static func name(
    _ requestID: String, client: String = "clients/a", method: String = "Create", hash: [UInt8] = [1]
  ) -> Idempotency {
    Idempotency(client: client, method: method, requestID: requestID, requestHash: hash)
  }

  static let idempotency: [StoreCheck] = [
    StoreCheck("a repeated request answers as the first did, and does nothing") { trial in
      try await trial.write(StoreTrial.put("before"))
      let first = try await trial.write(
        StoreTrial.put("a", "1"), StoreTrial.put("b", "1"), if: [.absent(StoreTrial.key("a"))], as: name("x"))
      try await trial.write(StoreTrial.put("a", "2"))
      let head = try await trial.head()
      let second = try await trial.write(
        StoreTrial.put("a", "1"), StoreTrial.put("b", "1"), if: [.absent(StoreTrial.key("a"))], as: name("x"))
      try expect([first.isReplay, second.isReplay], [false, true], "the replays")
      try expect(second.revision, first.revision, "the revision")
      try expect(second.commitTime, first.commitTime, "the time")
      try expect(second.changes, first.changes, "the changes")
      try expect(await trial.head(), head, "the head")
      try expect(await trial.text("a"), "2", "the record")
    },
    StoreCheck("a request id with other content is refused") { trial in
      try await trial.write(StoreTrial.put("a"), as: name("x"))
      try await expect(.requestIDReused) { () async throws(StoreError) in
        try await trial.write(StoreTrial.put("b"), as: name("x", hash: [2]))
      }
      try expect(await trial.text("b"), nil, "the record")
    },
    StoreCheck("a request id belongs to a client and a method") { trial in
      let names = [
        name("x"), name("x", client: "clients/b"), name("x", method: "Update"), name("x", client: "", method: "x"),
        name("", client: "x", method: "x"),
      ]
      for (index, name) in names.enumerated() {
        let receipt = try await trial.write(StoreTrial.put("r/\(index)"), as: name)
        try expect(receipt.isReplay, false, "the replay")
      }
    },
    StoreCheck("a request that was refused can be sent again") { trial in
      let key = StoreTrial.key("a")
      let failing = [Precondition.exists(StoreTrial.key("b"))]
      let finding = Conflict.Finding.missing(StoreTrial.key("b"))
      try await expect(.conflict(Conflict(precondition: 0, finding: finding))) { () async throws(StoreError) in
        try await trial.write(.put(key, StoreTrial.content()), if: failing, as: name("x"))
      }
      try await trial.write(StoreTrial.put("b"))
      let receipt = try await trial.write(.put(key, StoreTrial.content()), if: failing, as: name("x"))
      try expect(receipt.isReplay, false, "the replay")
    },
    StoreCheck("of many that send one request at once, one does it and all are told the same") { trial in
      let receipts = try await concurrently(20) { _ in
        try await trial.write(StoreTrial.put("a"), as: name("x"))
      }
      try expect(receipts.count { !$0.isReplay }, 1, "the requests done")
      try expect(Set(receipts.map(\.revision)), [Revision(1)], "the revisions")
      try expect(await trial.head(), Revision(1), "the head")
    },
  ]
}
