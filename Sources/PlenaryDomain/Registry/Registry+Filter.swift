internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

extension Registry {
  /// The most themes below the one that a filter asks for with `under`.
  package static let narrowerThemeCountMax = 1000

  /// How many themes' narrower ones are asked for at a time.
  private static let askedThemeCount = 64

  /// Understands a list's filter and order, and plans how to read it.
  ///
  /// - Parameters:
  ///   - revision: The revision that the list shows already, nil for its first page.
  ///   - day: The day that the list counts as today already, nil for its first page.
  ///   - isSearching: Whether words are looked up in the search index, if the filter asks for any; else in each record.
  /// - Throws: `filterSyntax`, `filterFieldUnknown`, `referenceNotFound`, `limitReached`, `indexBuilding`, `indexBehind`.
  func plan(
    _ kind: Kind, parent: String, filter: String, orderBy: String, showsDeleted: Bool, as caller: Caller,
    at revision: Revision?, on day: CivilDay? = nil, isSearching: Bool = true
  ) async throws(DomainError) -> ListPlan {
    let scope = try scope(of: parent, kind)
    let expression = try FilterParser.parse(filter)
    let today: CivilDay = if let day { day } else { try Today(date: nil, timeZone: "", now()).day }
    var compiler = FilterCompiler(kind: kind, today: today, includesDeleted: showsDeleted)
    var revision: Revision? = revision
    var calls: [FilterCall] = []
    for call in expression.calls where try FilterFunction(call) == .under { calls.append(call) }
    if !calls.isEmpty {
      // What the themes are must not change from page to page.
      let shown: Revision = if let revision { revision } else { try await head() }
      for call in calls {
        let theme = call.arguments[0]
        compiler.narrowerThemes[theme.text] = try await narrower(than: theme, as: caller, at: shown)
      }
      revision = shown
    }
    let compiled = try compiler.compile(expression)
    var candidates: SearchCandidates?
    if isSearching, let search, let words = compiled.search {
      // What the index has found is held against the records of one revision.
      let shown: Revision = if let revision { revision } else { try await head() }
      try await search.waitUntilFed(through: shown)
      candidates = SearchCandidates(
        search.index, SearchRequest(expression: words.expression, groups: [kind.searchGroup], revision: shown))
      revision = shown
    }
    var plan = try ListPlan(
      kind, today: today, scope: scope, filter: compiled, at: revision, orderBy: orderBy,
      showsDeleted: showsDeleted, candidates: candidates, encoder: encoder)
    plan.restsOnThemes = !calls.isEmpty
    return plan
  }

  /// The themes below one, at any distance.
  private func narrower(
    than theme: FilterValue, as caller: Caller, at revision: Revision
  ) async throws(DomainError) -> Set<String> {
    let kind = kind(of: Theme.self)
    guard let broader = kind.indexes.first(where: { $0.path.text == "broader" }) else {
      preconditionFailure("themes are found by the broader ones")
    }
    guard kind.pattern.matches(theme.text), let key = Key(theme.text), try await exists(key, as: caller, at: revision)
    else {
      throw .filter(
        .referenceNotFound, "there is no theme `\(theme.text.clipped)`", at: theme.position,
        metadata: ["value": theme.text.clipped])
    }
    var found: Set<String> = []
    var next = [theme.text]
    while !next.isEmpty {
      let asked = next.prefix(Self.askedThemeCount)
      next.removeFirst(asked.count)
      var query = Query(conditions: [.init(kind.membership, .equals(.unset))])
      query.unions = [
        asked.compactMap { name in broader.form.indexValue(.string(name)).map { .init(broader.field, .equals($0)) } }
      ]
      var cursor: Cursor?
      repeat {
        let page = try await page(
          query, as: caller, after: cursor, limit: PageLimit(records: Self.narrowerThemeCountMax), at: revision)
        for record in page.records where found.insert(record.key.name).inserted { next.append(record.key.name) }
        guard found.count <= Self.narrowerThemeCountMax else {
          throw DomainError(
            .limitReached,
            "more than \(Self.narrowerThemeCountMax) themes are below `\(theme.text.clipped)`; ask for narrower ones",
            metadata: ["max": "\(Self.narrowerThemeCountMax)"])
        }
        cursor = page.next
      } while cursor != nil
    }
    return found
  }

  private func exists(_ key: Key, as caller: Caller, at revision: Revision) async throws(DomainError) -> Bool {
    let snapshot = try await store.reading { store throws(StoreError) in
      try await store.get([key], as: caller.viewer, at: revision)
    }
    return snapshot.records[0] != nil
  }

  /// A page of the store. If the call is given up, the store stops looking.
  func page(
    _ query: Query, as caller: Caller, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(DomainError) -> Page {
    let flag = GivenUpFlag()
    var query = query
    query.isGivenUp = { flag.isSet }
    let watched = query
    let result = await withTaskCancellationHandler { () async -> Result<Page, DomainError> in
      do throws(DomainError) {
        return .success(
          try await store.reading { store throws(StoreError) in
            try await store.list(watched, as: caller.viewer, after: cursor, limit: limit, at: revision)
          })
      } catch {
        return .failure(error)
      }
    } onCancel: {
      flag.set()
    }
    return try result.get()
  }
}

/// Tells other threads that a call was given up.
private final class GivenUpFlag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .relaxed) }

  func set() { flag.store(true, ordering: .relaxed) }
}
