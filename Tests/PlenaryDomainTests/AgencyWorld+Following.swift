import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime

@testable import PlenaryDomain

/// A watch of the second agency, as far as it has come.
struct AgencyWatch {
  let watch: ChangeWatch
  var place: Revision
  var isWithinRequest = false
}

// MARK: What the second agency finds out by following

extension AgencyWorld {
  /// Begins a watch of all that comes, or of the themes that a filter selects.
  func follow(
    _ start: WatchChangesRequest.Start? = nil, filter: String = "", isPlain: Bool = false
  ) async throws -> AgencyWatch {
    let request = WatchChangesRequest.with {
      ($0.start, $0.includeBefore, $0.includeChangedFields) = (start, !isPlain, !isPlain)
      $0.filter = filter
      if !filter.isEmpty { $0.resourceTypes = ["plenary.registry/Theme"] }
    }
    let watch = try await registry.watch(request, as: Self.secondDesk)
    switch watch.start {
    case .changes(let place), .snapshot(let place): return AgencyWatch(watch: watch, place: place)
    }
  }

  /// The messages of a snapshot of what a filter selects.
  func snapshot(filter: String, at second: Int) async throws -> [String] {
    let following = try await follow(.snapshot(true), filter: filter)
    var told: [String] = []
    try await registry.snapshot(of: following.watch, at: following.place, as: Self.secondDesk) { message in
      told.append(
        try await tell(at: second, "snapshot") { try ProtoJSON.string(WatchChangesResponse(serializedBytes: message)) })
    }
    return told
  }

  /// The messages that a watch is sent until there is nothing more, each with all that is in it.
  func messages(_ following: inout AgencyWatch, at second: Int) async throws -> [String] {
    var told: [String] = []
    while true {
      let part = try await next(following)
      following.place = part.through
      if let message = part.message {
        following.isWithinRequest = !part.isAtEndOfRequest
        told.append(
          try await tell(at: second, "watch") {
            try ProtoJSON.string(WatchChangesResponse(serializedBytes: message))
          })
      }
      if part.isLast { return told }
    }
  }

  /// What comes next, read as a watch reads it.
  private func next(_ following: AgencyWatch) async throws -> WatchPart {
    let (watch, place, isWithinRequest) = (following.watch, following.place, following.isWithinRequest)
    if let part = try registry.nextInMemory(
      of: watch, after: place, isWithinRequest: isWithinRequest, as: Self.secondDesk)
    {
      return part
    }
    var begun: FeedPart?
    while true {
      let part = try await registry.next(
        of: watch, after: place, goingOnWith: begun, isWithinRequest: isWithinRequest, as: Self.secondDesk)
      guard part.begun != nil else { return part }
      begun = part.begun
    }
  }

  /// Everything that lies in the order of revisions, in pages of several sizes, with where each page ends.
  func observedInOrder(names: [String], at second: Int, since: Int) async throws -> [String] {
    let caller = Self.secondDesk
    let moment = ProtobufTimestamp(CommitTime(microseconds: TestRegistry.start + Int64(since) * 1_000_000))
    var told: [String] = []
    for size in [1, 3, 100] as [Int32] {
      told += try await pages("changes in pages of \(size)", second) { token in
        let request = ListChangesRequest.with {
          ($0.pageSize, $0.pageToken, $0.includeBefore, $0.includeChangedFields) = (size, token, true, true)
        }
        return try ListChangesResponse(serializedBytes: await self.registry.listChanges(request, as: caller).bytes)
      }
      told += try await pages("differences in pages of \(size)", second) { token in
        try await self.registry.differences(
          DiffRegistryRequest.with { ($0.fromTime, $0.pageSize, $0.pageToken) = (moment, size, token) }, as: caller)
      }
      for isOldestFirst in [true, false] {
        told += try await pages("audit in pages of \(size)", second) { token in
          let request = ListAuditEntriesRequest.with {
            ($0.pageSize, $0.pageToken, $0.oldestFirst) = (size, token, isOldestFirst)
          }
          return try await self.registry.auditEntries(request, as: caller).response.with { answer in
            // Salted digests are never the same twice.
            for index in answer.entries.indices {
              answer.entries[index].bodyDigest = []
              if !answer.entries[index].requestDigest.isEmpty { answer.entries[index].requestDigest = [1] }
            }
          }
        }
      }
    }
    for name in names where name.hasPrefix("themes/") {
      told += try await pages("versions of \(name)", second) { token in
        let page = try await self.registry.listRevisions(
          ListThemeRevisionsRequest.with { ($0.parent, $0.pageSize, $0.pageToken) = (name, 2, token) }, as: caller)
        return try ListThemeRevisionsResponse.with {
          $0.themeRevisions = try page.records.map { try ThemeRevision(serializedBytes: $0) }
          $0.nextPageToken = page.nextPageToken
        }
      }
    }
    return told
  }

  /// The pages of a list.
  private func pages<Page: PagedAnswer>(
    _ what: String, _ second: Int, _ page: (_ token: String) async throws -> Page
  ) async throws -> [String] {
    var (told, token) = ([String](), "")
    repeat {
      var next = ""
      told.append(
        try await tell(at: second, what) {
          let found = try await page(token)
          next = found.nextPageToken
          return try ProtoJSON.string(found.with { $0.nextPageToken = next.isEmpty ? "" : "more" })
        })
      token = next
    } while !token.isEmpty
    return told
  }
}

/// An answer that can have a next page.
private protocol PagedAnswer: ProtobufMessage {
  var nextPageToken: String { get set }
}

extension ListChangesResponse: PagedAnswer {}
extension DiffRegistryResponse: PagedAnswer {}
extension ListAuditEntriesResponse: PagedAnswer {}
extension ListThemeRevisionsResponse: PagedAnswer {}
