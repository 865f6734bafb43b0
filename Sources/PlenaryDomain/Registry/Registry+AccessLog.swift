internal import GoogleAPI
package import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most entries that are read of the log at a time.
  private static let accessEntriesRead = 1000

  /// Lists the entries of the access log that the caller may know of, a page at a time.
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`, `idInvalid`, `revisionInvalid`.
  package func accessEntries(
    _ request: ListAccessEntriesRequest, in log: (any AccessLogReader)?, as caller: Caller
  ) async throws(DomainError) -> ListAccessEntriesResponse {
    let limit = try Self.pageSize(request.pageSize)
    let description = try Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    var question = AccessQuestion(limit: limit, isWanted: try wantedEntries(request, as: caller))
    question.isOldestFirst = request.oldestFirst
    question.start = try request.startTime.map { time throws(DomainError) in try Self.time(time, field: "start_time") }
    question.end = try request.endTime.map { time throws(DomainError) in try Self.time(time, field: "end_time") }
    if let token, case .revision(let place) = token.place {
      (question.place, question.through) = (place.number, token.revision.number)
    }
    guard let log else { return ListAccessEntriesResponse() }

    let page = try await accessEntries(of: log, question, as: caller)
    return .with {
      $0.entries = page.entries.map(Self.accessEntry)
      if let place = page.next {
        $0.nextPageToken = pageTokens.seal(
          PageToken(revision: Revision(page.through), place: .revision(Revision(place))), for: description,
          isUnlike: !caller.viewer.seesEverything)
      }
    }
  }

  /// A page of entries: full, unless so many are not for the caller that looking at them takes too long for one call.
  func accessEntries(
    of log: any AccessLogReader, _ question: AccessQuestion, as caller: Caller
  ) async throws(DomainError) -> AccessPage {
    let limit = question.limit
    var (question, found, left) = (question, [PlenaryStore.AccessEntry](), pageScanMax)
    while true {
      try DomainError.checkCancellation()
      question.limit = min(knowsAllEntries(caller) ? limit + 1 : Self.accessEntriesRead, left)
      let asked = question
      let page: AccessPage
      do {
        page = try await log.entries(asked)
      } catch {
        throw DomainError(store: error)
      }
      left -= question.limit
      found += try await known(page.entries, to: caller, countMax: limit + 1 - found.count)
      // There is a next page only if it has something.
      if found.count > limit {
        found = Array(found.prefix(limit))
        return AccessPage(entries: found, through: page.through, next: found.last?.place)
      }
      guard page.next != nil, left > 0 else {
        return AccessPage(entries: found, through: page.through, next: page.next)
      }
      (question.place, question.through) = (page.next, page.through)
    }
  }

  /// Whether a caller may know of all entries: whoever administers the registry and sees everything.
  private func knowsAllEntries(_ caller: Caller) -> Bool {
    caller.viewer.seesEverything && caller.rights.isAdministrator
  }

  /// The first of the entries that are about records which the caller sees, and saw then.
  private func known(
    _ entries: [PlenaryStore.AccessEntry], to caller: Caller, countMax: Int
  ) async throws(DomainError) -> [PlenaryStore.AccessEntry] {
    guard !knowsAllEntries(caller) else { return entries }
    let names = Set(entries.compactMap { $0.event?.resource })
    let keys = names.compactMap { name in
      kinds.kind(named: name).flatMap { kind in
        caller.rights.isAdministrator || kind.changeRole != .admin ? Key(name) : nil
      }
    }
    let snapshot = try await store.reading { store throws(StoreError) in
      try await store.get(keys, as: caller.viewer, at: nil)
    }
    let seen = Dictionary(
      snapshot.records.compactMap { record in record.map { ($0.key.name, $0.key) } }, uniquingKeysWith: { $1 })
    // What is no longer known is not told.
    let moments = entries.compactMap { entry in
      entry.event.flatMap { seen[$0.resource] }.map { RecordMoment($0, at: entry.time) }
    }
    let saw = try await store.reading { store throws(StoreError) in
      moments.isEmpty ? [] : try await store.saw(moments, as: caller.viewer)
    }
    let told = Set(zip(moments, saw).filter(\.1).map(\.0))
    let known = entries.filter { entry in
      guard let name = entry.event?.resource, !name.isEmpty else { return caller.rights.isAdministrator }
      return seen[name].map { told.contains(RecordMoment($0, at: entry.time)) } ?? false
    }
    return Array(known.prefix(countMax))
  }

  private func wantedEntries(
    _ request: ListAccessEntriesRequest, as caller: Caller
  ) throws(DomainError) -> @Sendable (PlenaryStore.AccessEntry) -> Bool {
    let name = request.resource
    try checkAudited(name)
    let prefix = name + "/"
    let (principal, outcome) = (request.principal, request.outcome)
    return { entry in
      guard outcome == .unspecified || Int32(entry.outcome.rawValue) == outcome.rawValue else { return false }
      guard let event = entry.event else { return name.isEmpty && principal.isEmpty }
      return (principal.isEmpty || event.principal == principal)
        && (name.isEmpty || event.resource == name || event.resource.hasPrefix(prefix))
    }
  }

  static func accessEntry(_ entry: PlenaryStore.AccessEntry) -> PlenaryAPI.AccessEntry {
    .with {
      $0.time = ProtobufTimestamp(entry.time)
      $0.outcome = entry.outcome == .read ? .read : .refused
      $0.count = Int64(clamping: entry.count)
      guard let event = entry.event else {
        $0.onlyCounted = true
        return
      }
      ($0.principal, $0.method, $0.reason) = (event.principal, event.method, event.reason)
      $0.resource = event.resource
    }
  }

  /// Everything that decides what the pages hold.
  private static func description(
    of request: ListAccessEntriesRequest, _ caller: Caller
  ) throws(DomainError) -> [UInt8] {
    var request = request
    request.pageToken = ""
    request.pageSize = 0
    return Array("access \(caller.principal)".utf8) + [0] + (try request.encoded())
  }
}
