import PlenaryStore

extension StoreCheck {
  /// What those who follow the changes are promised.
  package static let feed: [StoreCheck] = [
    StoreCheck("who follows the changes has at each step what a list would show") { trial in
      var history = FollowedHistory(trial, seed: 11)
      try await history.run(steps: 300) { $0.inStep }
    },
    StoreCheck("who begins anywhere has in the end what a list shows") { trial in
      var history = FollowedHistory(trial, seed: 12)
      try await history.run(steps: 300) { _ in [] }
    },
    StoreCheck("a feed ends within a request where a limit is reached, and says so") { trial in
      try await trial.write(
        StoreTrial.put("a", "1"), StoreTrial.put("b", "22"), StoreTrial.put("c", "333"), StoreTrial.put("d", "4444"))
      let whole = FeedLimit(changes: 10, bytes: 100, lookedAt: 10)
      var limits = [(whole, [4])]
      for lookedAt in [1, 2, 10] {
        var limit = whole
        limit.lookedAt = lookedAt
        limits.append((limit, [4]))
        limit.changes = 3
        limits.append((limit, [3, 1]))
        limit.changes = 10
        limit.bytes = 3
        limits.append((limit, [2, 1, 1]))
      }
      for (limit, expected) in limits {
        var (place, counts) = (Revision.zero, [Int]())
        repeat {
          let part = try await trial.store.wholeFeed(.all(after: place, limit: limit))
          counts.append(part.changes.count)
          try expect(part.isAtEndOfRequest, part.through.number == 4, "whether revision \(part.through) ends a request")
          try expect(part.isLast, part.through.number == 4, "whether there is nothing behind \(part.through)")
          try expect(part.changes.allSatisfy { $0.transaction.number == 4 }, "a change is of another request")
          place = part.through
        } while place.number < 4
        try expect(counts, expected, "the parts by \(limit)")
      }
      let end = try await trial.store.feed(.all(after: Revision(4)))
      try expect(end.changes.isEmpty && end.isLast && end.through.number == 4, "there is something behind the end")
    },
    StoreCheck("a feed is refused from a revision to come or compacted") { trial in
      for round in 0..<4 { try await trial.write(StoreTrial.put("a", "\(round)")) }
      try await expect(.revisionInFuture(head: Revision(4))) { () async throws(StoreError) in
        _ = try await trial.store.feed(.all(after: Revision(5)))
      }
      try expect(trial.store.feedInMemory(.all(after: Revision(5))) == nil, "a part is in memory that is to come")
      let end = try await trial.store.feed(.all(after: .zero, end: Revision(2)))
      try expect(end.changes.count, 2, "the changes up to a revision")
      try expect(end.isLast && end.isAtEndOfRequest, "there is more than what was asked for")
    },
    StoreCheck("what was purged is told of by name alone, to who has it and to nobody else") { trial in
      try await trial.write(StoreTrial.put("a", "secret"), StoreTrial.put("b", "other"))
      try await trial.write(StoreTrial.put("a", "secret still"))
      let before = try await trial.head()
      try await trial.write(.purge(StoreTrial.key("a")))
      let all = try await trial.store.feed(.all(after: .zero))
      // Once, where it went, and not of each change that it has had before.
      try expect(all.changes.map(\.key.name), ["b", "a"], "the records told of")
      try expect(all.changes.map(\.kind), [.created, .removed], "what became of them")
      try expect(all.changes.allSatisfy { $0.key.name == "b" || ($0.after ?? $0.before) == nil }, "it is legible")
      let last = try await trial.store.feed(.all(after: before))
      try expect(last.changes.map(\.kind), [.removed], "what became of it")
      // A new record of the same name is another one.
      try await trial.write(StoreTrial.put("a", "new"))
      let again = try await trial.store.feed(.all(after: before))
      try expect(again.changes.map(\.kind), [.removed, .created], "what became of the name")
    },
    StoreCheck("a feed shows versions before only beside those that replaced them") { trial in
      try await trial.write(StoreTrial.put("a", "1"))
      try await trial.write(StoreTrial.put("a", "2"))
      try await trial.write(.softDelete(StoreTrial.key("a")))
      try await trial.write(.undelete(StoreTrial.key("a")))
      try await trial.write(StoreTrial.put("a", "3", marking: StoreTrial.closed))
      for viewer in [Viewer.everything, StoreTrial.outsider] {
        let part = try await trial.store.feed(.all(after: Revision(0), viewer: viewer, includesBefore: true))
        let told = part.changes.map { "\($0.kind) \($0.before?.text ?? "-") \($0.after?.text ?? "-")" }
        let all = ["created - 1", "updated 1 2", "removed - -", "created - 2", "updated 2 3"]
        // An outsider does not see it any more, whatever it saw before, and is told of each change by which it went.
        let outside = ["removed - -", "removed - -"]
        try expect(told, viewer.seesEverything ? all : outside, "what is told")
      }
    },
    StoreCheck("what goes out of sight is told once, by who follows in step as by who comes later") { trial in
      let start = try await trial.head()
      var (inStep, place) = ([String](), start)
      func told(after place: Revision) async throws -> (told: [String], place: Revision) {
        let part = try await trial.store.wholeFeed(.all(after: place, viewer: StoreTrial.outsider))
        return (part.changes.map { "\($0.kind) \($0.after?.text ?? "-")" }, part.through)
      }
      for (text, marking) in [("1", StoreTrial.open), ("2", StoreTrial.open), ("3", StoreTrial.closed)] {
        try await trial.write(StoreTrial.put("a", text, marking: marking))
        let (more, next) = try await told(after: place)
        (inStep, place) = (inStep + more, next)
      }
      let hidden = try await trial.head()
      for round in 4..<8 { try await trial.write(StoreTrial.put("a", "\(round)", marking: StoreTrial.closed)) }
      try await trial.write(.softDelete(StoreTrial.key("a")))
      try await trial.write(.purge(StoreTrial.key("a")))
      try expect(inStep, ["created 1", "updated 2", "removed -"], "what is told as it happens")
      for number in start.number..<hidden.number {
        try expect(await told(after: Revision(number)).told, ["removed -"], "what is told later, after \(number)")
      }
      try expect(await told(after: hidden).told, [], "what is told of a record that is out of sight")
    },
    StoreCheck("where the parts of a feed end follows from what is told, not from what was looked at") { trial in
      var (numbers, model) = (SeededNumbers(seed: 13), StoreModel())
      for _ in 0..<120 {
        var mutations: [Mutation] = []
        for _ in 0..<Int.random(in: 1..<8, using: &numbers) {
          let mutation = StoreModel.anyMutation(&numbers)
          if model.apply(mutation) { mutations.append(mutation) }
        }
        guard !mutations.isEmpty else { continue }
        _ = try await trial.store.commit(WriteRequest(actor: "clients/a", mutations: mutations))
      }
      for viewer in [Viewer.everything, StoreTrial.outsider] {
        let all = try await trial.store.wholeFeed(
          .all(after: .zero, viewer: viewer, limit: FeedLimit(changes: 10_000, bytes: 1 << 30, lookedAt: 10_000))
        ).changes
        for (count, lookedAt) in [(1, 1), (1, 5), (3, 2), (3, 1000), (7, 3), (7, 64), (20, 1), (20, 1000)] {
          var (place, index, part) = (Revision.zero, 0, FeedPart?.none)
          while part?.isLast != true {
            let found = try await trial.store.wholeFeed(
              .all(
                after: place, viewer: viewer, limit: FeedLimit(changes: count, bytes: 1 << 20, lookedAt: lookedAt)))
            let what = "\(count) at a time, \(lookedAt) looked at, after \(place)"
            let expected = all[index..<min(index + count, all.count)]
            index += expected.count
            try expect(found.changes.map(\.transaction), expected.map(\.transaction), "the changes of \(what)")
            try expect(found.changes.map(\.key), expected.map(\.key), "the records of \(what)")
            let isWithin = index < all.count && all[index].transaction == expected.last?.transaction
            try expect(found.isAtEndOfRequest, !isWithin, "whether a request ends with \(what)")
            try expect(found.isLast, index == all.count, "whether nothing is behind \(what)")
            (place, part) = (found.through, found)
          }
        }
      }
    },
    StoreCheck("what goes out of sight or is purged while a part is being read is not in it") { trial in
      let limit = FeedLimit(changes: 100, bytes: 1 << 20, lookedAt: 2)
      for (isPurged, name) in [(false, "a"), (true, "b")] {
        let start = try await trial.head()
        try await trial.write(StoreTrial.put(name, "secret"))
        for round in 0..<4 { try await trial.write(StoreTrial.put("other", "\(round)", marking: StoreTrial.closed)) }
        var question = FeedQuestion.all(after: start, viewer: StoreTrial.outsider, limit: limit)
        let begun = try await trial.store.feed(question)
        try expect(begun.changes.map { $0.after?.text }, ["secret"], "what was found at first")
        try expect(begun.isWhole, false, "whether that is all")
        try await trial.write(
          isPurged ? .purge(StoreTrial.key(name)) : StoreTrial.put(name, "secret", marking: StoreTrial.closed))
        question.begun = begun
        let part = try await trial.store.wholeFeed(question)
        try expect(part.changes.map(\.kind), [.removed], "what is told in the end")
      }
    },
  ]
}

extension FeedStore {
  /// What comes next, in as many reads as it takes. What is lent must say the same.
  func wholeFeed(_ first: FeedQuestion) async throws -> FeedPart {
    var (question, part) = (first, try await feed(first))
    while !part.isWhole {
      question.begun = part
      part = try await feed(question)
    }
    let (lent, other) = try await feed(first, to: FeedInWords())
    if let lent {
      try expect(lent, part.changes.map(FeedInWords.words), "what is lent after \(first.after)")
      try expect(other.changes.isEmpty, "it is lent and given as well")
      try expect(other.through, part.through, "how far that goes which is lent")
      try expect(other.isAtEndOfRequest, part.isAtEndOfRequest, "whether it ends with a request")
      try expect(other.isLast, part.isLast, "whether it is all")
    } else if other.isWhole {
      try expect(other.changes.map(FeedInWords.words), part.changes.map(FeedInWords.words), "what is given")
    }
    return part
  }
}

extension FeedQuestion {
  /// Asks for everything.
  static func all(
    after place: Revision, end: Revision? = nil, viewer: Viewer = .everything, includesBefore: Bool = false,
    limit: FeedLimit = FeedLimit(changes: 1000, bytes: 1 << 20, lookedAt: 1000)
  ) -> FeedQuestion {
    let selection = FeedSelection(queries: [Query(conditions: [])], includesBefore: includesBefore) { _ in 0 }
    return FeedQuestion(after: place, end: end, viewer: viewer, selection: selection, limit: limit)
  }
}

/// What one follower holds, by what it was told.
struct Follower {
  let name: String
  let viewer: Viewer
  let query: Query
  let limit: FeedLimit

  /// Whether it was there for every change as it happened, so that nothing is new to it that is not.
  let isInStep: Bool

  private(set) var place: Revision
  private(set) var held: [String: String] = [:]

  init(
    _ name: String, _ viewer: Viewer, _ query: Query, _ limit: FeedLimit, from place: Revision,
    holding: [String: String],
    isInStep: Bool
  ) {
    (self.name, self.viewer, self.query, self.limit) = (name, viewer, query, limit)
    (self.place, held, self.isInStep) = (place, holding, isInStep)
  }

  /// Follows to the end of what there is.
  mutating func follow(_ store: any Store, ends: Set<UInt64>) async throws {
    let selection = FeedSelection(queries: [query], includesBefore: place.number.isMultiple(of: 2)) { key in
      key.count > 1 && key[0] == UInt8(ascii: "a") && key[1] == UInt8(ascii: "/") ? 0 : nil
    }
    while true {
      let question = FeedQuestion(after: place, viewer: viewer, selection: selection, limit: limit)
      let part = try await store.wholeFeed(question)
      try expect(part.changes.count <= limit.changes, "\(name): a part exceeds its limit")
      try expect(part.isAtEndOfRequest, ends.contains(part.through.number) || part.through == place, "\(name): the end")
      for change in part.changes { try take(change) }
      place = part.through
      if part.isLast { return }
    }
  }

  private mutating func take(_ change: FeedChange) throws {
    let key = change.key.name
    if isInStep {
      // Of what was purged nobody can say whether it was wanted, so its name is told to all who saw it.
      let isHeld = held[key] != nil || change.kind == .removed
      try expect(isHeld, change.kind != .created, "\(name): whether \(key) is there when it is \(change.kind)")
    }
    held[key] = change.after?.text
    try expect(change.after == nil, change.kind == .removed, "\(name): whether \(key) is gone")
  }
}

/// A history that looks random, and followers of it that begin at different times.
struct FollowedHistory {
  private let trial: StoreTrial
  private var numbers: SeededNumbers
  private var model = StoreModel()
  private var ends: Set<UInt64> = [0]

  init(_ trial: StoreTrial, seed: UInt64) {
    self.trial = trial
    numbers = SeededNumbers(seed: seed)
  }

  /// What is followed: selections of every form, by each viewer, in parts of different sizes.
  private func followers(from place: Revision, isInStep: Bool) -> [Follower] {
    let red = Query.Condition(StoreTrial.Field.tag, .equals(.string("red")))
    let blue = Query.Condition(StoreTrial.Field.tag, .equals(.string("blue")))
    let high = Query.Condition(StoreTrial.Field.rank, .within(.above(.integer(0))))
    var union = Query(conditions: [high])
    union.unions = [[red, blue]]
    let even = Query(conditions: []) { $0.body.last?.isMultiple(of: 2) ?? false }
    let queries = [("all", Query(conditions: [])), ("red", Query(conditions: [red])), ("union", union), ("even", even)]
    var followers: [Follower] = []
    for (name, query) in queries {
      for (who, viewer) in [("everything", Viewer.everything), ("outsider", StoreTrial.outsider)] {
        for count in [1, 3, 100] {
          followers.append(
            Follower(
              "\(name) as \(who), \(count) at a time from \(place)", viewer, query,
              FeedLimit(changes: count, bytes: 1 << 20, lookedAt: 2 * count), from: place,
              holding: wanted(query, viewer, at: place), isInStep: isInStep))
        }
      }
    }
    return followers
  }

  private func wanted(_ query: Query, _ viewer: Viewer, at revision: Revision) -> [String: String] {
    var wanted: [String: String] = [:]
    for name in model.names(query, as: viewer, at: revision) where name.hasPrefix("a/") {
      guard let version = model.version(name, as: viewer, at: revision),
        query.predicate == nil || version.content.body.last?.isMultiple(of: 2) == true
      else { continue }
      wanted[name] = String(decoding: version.content.body, as: UTF8.self)
    }
    return wanted
  }

  /// Makes so many requests; the followers that `chosen` selects come along with each of them.
  mutating func run(steps: Int, _ chosen: (FollowedHistory) -> [Follower]) async throws {
    var inStep = chosen(self)
    var late: [Follower] = []
    for step in 0..<steps {
      if inStep.isEmpty, step.isMultiple(of: 60) { late += followers(from: model.head, isInStep: false) }
      var mutations: [Mutation] = []
      for _ in 0..<Int.random(in: 1..<5, using: &numbers) {
        let mutation = StoreModel.anyMutation(&numbers)
        if model.apply(mutation) { mutations.append(mutation) }
      }
      guard !mutations.isEmpty else { continue }
      _ = try await trial.store.commit(WriteRequest(actor: "clients/a", mutations: mutations))
      ends.insert(model.head.number)
      for index in inStep.indices {
        try await inStep[index].follow(trial.store, ends: ends)
        try check(inStep[index])
      }
    }
    for var follower in late {
      try await follower.follow(trial.store, ends: ends)
      try check(follower)
    }
  }

  /// Followers of all forms that begin with the history.
  var inStep: [Follower] { followers(from: .zero, isInStep: true) }

  private func check(_ follower: Follower) throws {
    try expect(
      follower.held, wanted(follower.query, follower.viewer, at: model.head),
      "\(follower.name): what is held at the end")
  }
}
