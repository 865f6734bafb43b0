import PlenaryStore

extension StoreCheck {
  private static let key = StoreTrial.key("a")

  private static func expectRefusal(
    _ trial: StoreTrial, of content: Content, _ limit: Limit, line: UInt = #line
  ) async throws(StoreCheckFailure) {
    try await expect(.limitExceeded(limit), line: line) { () async throws(StoreError) in
      try await trial.write(.put(key, content))
    }
  }

  static let limits: [StoreCheck] = [
    StoreCheck("a body has a limit") { trial in
      var content = StoreTrial.content()
      content.body = [UInt8](repeating: 7, count: Content.byteCountMax)
      try await trial.write(.put(key, content))
      try expect(await trial.record("a")?.body, content.body, "the body")
      content.body.append(7)
      try await expectRefusal(trial, of: content, .bodyBytes(key, max: Content.byteCountMax))
    },
    StoreCheck("a record's index entries have limits") { trial in
      var content = StoreTrial.content()
      content.entries = (1...Content.entryCountMax).map { StoreTrial.rank(Int64($0)) }
      try await trial.write(.put(key, content))
      let query = Query(conditions: [Query.Condition(StoreTrial.Field.rank, .equals(.integer(4096)))])
      try expect(await trial.names(query), ["a"], "the list")
      content.entries.append(StoreTrial.rank(0))
      try await expectRefusal(trial, of: content, .entries(key, max: Content.entryCountMax))
      // A string's tag and end are two bytes.
      let longest = String(repeating: "x", count: IndexValue.byteCountMax - 2)
      content.entries = [StoreTrial.tag(longest)]
      try await trial.write(.put(key, content))
      content.entries = [StoreTrial.tag(longest + "x")]
      try await expectRefusal(
        trial, of: content, .entryBytes(key, StoreTrial.Field.tag, max: IndexValue.byteCountMax))
    },
    StoreCheck("a request has limits") { trial in
      let many = (0...WriteRequest.mutationCountMax).map { StoreTrial.put("r/\($0)") }
      try await expect(.limitExceeded(.mutations(max: WriteRequest.mutationCountMax))) {
        () async throws(StoreError) in
        _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: many))
      }
      let content = Content(
        body: [UInt8](repeating: 7, count: Content.byteCountMax), marking: StoreTrial.open, entries: [])
      let big = (0...WriteRequest.byteCountMax / Content.byteCountMax).map {
        Mutation.put(StoreTrial.key("r/\($0)"), content)
      }
      try await expect(.limitExceeded(.requestBytes(max: WriteRequest.byteCountMax))) {
        () async throws(StoreError) in
        _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: big))
      }
      try expect(await trial.head(), .zero, "the head")
    },
    StoreCheck("a long key of 512 bytes is a key") { trial in
      let name = String(repeating: "k", count: Key.byteCountMax)
      try expect(Key(name) != nil, "the longest key is refused")
      try expect(Key(name + "k") == nil, "a longer key is taken")
      try await trial.write(StoreTrial.put(name, "text"))
      try expect(await trial.text(name), "text", "the body")
    },
  ]
}
