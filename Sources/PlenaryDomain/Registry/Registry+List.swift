internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  private static let pageSizeDefault = 50
  private static let pageSizeMax = 1000

  /// The most records that are put in an order that no index keeps.
  private static let sortedCountMax = 100_000

  /// The records of such a list that are read at a time when their places are known.
  private static let sortedReadCount = 8

  /// Lists records, a page at a time. All pages show the revision of the first one.
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`, `filterSyntax`, `filterFieldUnknown`, `maskPathUnknown`,
  ///   `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  package func list<Request: ListRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> ReplyPage {
    let kind = kind(of: Request.Resource.self)
    let mask = try FieldMask.reading(request.readMask?.paths, of: kind)
    let limit = try Self.pageSize(request.pageSize)
    let description = Self.description(of: request, kind, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    // The pages after the first one show its revision, whatever chose that.
    let shown: Revision? = if let token { token.revision } else { try await revision(readBy: request) }
    let plan = try await plan(
      kind, parent: request.parent, filter: request.filter, orderBy: request.orderBy, showsDeleted: request.showDeleted,
      as: caller, at: shown, on: token?.day)

    let part =
      plan.sorting.isEmpty
      ? try await ordered(plan, as: caller, after: token, limit: limit)
      : try await sorted(plan, as: caller, after: token, limit: limit)
    let next = part.next.map {
      pageTokens.seal(
        PageToken(revision: part.revision, place: $0, day: plan.today), for: description,
        isUnlike: !caller.viewer.seesEverything)
    }
    var records: [[UInt8]] = []
    records.reserveCapacity(part.records.count)
    for record in part.records {
      try DomainError.checkCancellation()
      records.append(try bytes(of: record, kind, mask, as: Request.Resource.self, for: caller, .list))
    }
    return ReplyPage(
      records: records, nextPageToken: next ?? "",
      totalSize: token == nil && next == nil ? Int32(records.count) : part.totalCount.map(Int32.init),
      revision: text(part.revision, for: caller))
  }

  /// A part of a list, and where it goes on.
  private struct Part {
    let revision: Revision
    let records: [StoredRecord]
    let next: PageToken.Place?
    var totalCount: Int?
  }

  /// A page in an order that the store keeps.
  private func ordered(
    _ plan: ListPlan, as caller: Caller, after token: PageToken?, limit: Int
  ) async throws(DomainError) -> Part {
    var cursor: Cursor?
    if case .cursor(let place)? = token?.place { cursor = place }
    var revision = token?.revision ?? plan.revision
    var records: [StoredRecord] = []
    var byteCount = 0
    repeat {
      var pageLimit = PageLimit(records: limit - records.count)
      pageLimit.bytes -= byteCount
      let page = try await page(plan.query, as: caller, after: cursor, limit: pageLimit, at: revision)
      // A page of the store always has one record at least; the one too many begins the next page.
      let added = page.records.reduce(0) { $0 + $1.body.count }
      if !records.isEmpty, added > pageLimit.bytes { break }
      records += page.records
      byteCount += added
      cursor = page.next
      revision = page.revision
    } while cursor != nil && records.count < limit && byteCount < PageLimit(records: limit).bytes
    return Part(revision: revision ?? .zero, records: records, next: cursor.map { .cursor($0) })
  }

  /// A page in an order that is made for the list: its keys are found and put in order anew for each page, at the same
  /// revision, so all pages together show every record once. Only what decides the order stays in memory until the
  /// records of the page are known.
  private func sorted(
    _ plan: ListPlan, as caller: Caller, after token: PageToken?, limit: Int
  ) async throws(DomainError) -> Part {
    var found: [(values: [IndexValue], key: Key)] = []
    var byteCount = 0
    let reservation = sortingBudget.reserve()
    var cursor: Cursor?
    var revision = token?.revision ?? plan.revision
    repeat {
      let page = try await page(
        plan.query, as: caller, after: cursor, limit: PageLimit(records: Self.pageSizeMax), at: revision)
      var added = 0
      for record in page.records {
        try DomainError.checkCancellation()
        let content = plan.sortsByVersion ? try encoder.message(of: record, plan.kind) : try kinds.decode(record)
        let values = plan.sorting.map { $0.index.entries(of: content).first?.value ?? .unset }
        found.append((values, record.key))
        added += values.reduce(record.key.name.utf8.count + Self.sortedOverhead) {
          $0 + $1.bytes.count + Self.sortedOverhead
        }
      }
      byteCount += added
      guard found.count <= Self.sortedCountMax, byteCount <= memory.sortedByteCountMax else {
        throw DomainError(
          .limitReached,
          "more than \(Self.sortedCountMax) records or \(memory.sortedByteCountMax >> 20) MiB of values would have to be "
            + "put in order; narrow the filter or order by one field that lists are kept in the order of",
          metadata: ["max": "\(Self.sortedCountMax)"])
      }
      guard reservation.grow(by: added) else {
        throw DomainError(
          .limitReached, "too many other lists are being put in order just now; try again when they are done",
          isPassing: true)
      }
      cursor = page.next
      revision = page.revision
    } while cursor != nil
    found.sort { left, right in
      for (index, clause) in plan.sorting.enumerated() where left.values[index] != right.values[index] {
        return (left.values[index] < right.values[index]) != clause.isDescending
      }
      return (left.key < right.key) != plan.settlesTiesBackwards
    }
    var start = 0
    if case .offset(let count)? = token?.place { start = count }
    let records = try await records(
      found.dropFirst(start).prefix(limit).map(\.key), as: caller, at: revision ?? .zero, limit: limit)
    let end = start + records.count
    return Part(
      revision: revision ?? .zero, records: records, next: end < found.count ? .offset(end) : nil,
      totalCount: found.count)
  }

  /// About what a name or value of a list to be ordered takes besides its bytes.
  private static let sortedOverhead = 64

  /// The first records of a list of keys that make a page.
  private func records(
    _ keys: [Key], as caller: Caller, at revision: Revision, limit: Int
  ) async throws(DomainError) -> [StoredRecord] {
    let byteCountMax = PageLimit(records: limit).bytes
    var records: [StoredRecord] = []
    var byteCount = 0
    for start in stride(from: 0, to: keys.count, by: Self.sortedReadCount) {
      let part = Array(keys[start..<min(start + Self.sortedReadCount, keys.count)])
      let snapshot = try await store.reading { store throws(StoreError) in
        try await store.get(part, as: caller.viewer, at: revision)
      }
      for record in snapshot.records {
        // It was there at this revision, so it is gone only if it was purged or hidden since: the list must begin anew.
        guard let record else {
          throw DomainError(.revisionCompacted, "a record of the list is gone; list again from the beginning")
        }
        byteCount += record.body.count
        guard records.isEmpty || byteCount <= byteCountMax else { return records }
        records.append(record)
      }
    }
    return records
  }

  /// Where the names of a parent's children begin; with `-` for the parent's id, all names of the kind count.
  func scope(of parent: String, _ kind: Kind) throws(DomainError) -> KeyPrefix {
    guard let parentPattern = kind.pattern.parent else { return .all }
    try NamePattern.checkLength(of: parent, field: "parent")
    guard !parent.isEmpty, parentPattern.matchesWithWildcards(parent) else {
      throw DomainError(
        .init(
          "parent", parent.isEmpty ? .fieldRequired : .idInvalid,
          "`\(parent.clipped)` is not a name of the form `\(parentPattern)`, where `-` stands for all",
          metadata: ["value": parent.clipped, "pattern": parentPattern.description]))
    }
    guard parentPattern.matches(parent), let collection = kind.pattern.collections.last,
      let scope = KeyPrefix("\(parent)/\(collection)/")
    else { return .all }
    return scope
  }

  static func pageSize(_ size: Int32) throws(DomainError) -> Int {
    guard size >= 0 else {
      throw DomainError(
        .init(
          "page_size", .pageSizeInvalid, "it is \(size); it must not be negative, and 0 means \(pageSizeDefault)",
          metadata: ["value": "\(size)"]))
    }
    return size == 0 ? pageSizeDefault : min(Int(size), pageSizeMax)
  }

  /// Everything that decides what the pages of a list hold, and that its page tokens are bound to.
  private static func description(
    of request: some ListRequestMessage, _ kind: Kind, _ caller: Caller
  ) -> [UInt8] {
    let fixed = [
      kind.resourceType, request.parent, request.filter, request.orderBy, String(request.showDeleted), caller.principal,
      request.revision, request.readTime.map { "\($0.seconds).\($0.nanos)" } ?? "", request.atLeastAsFresh,
    ]
    // The paths come last, as their number varies.
    return (fixed + (request.readMask?.paths ?? [])).flatMap { Array($0.utf8) + [0] }
  }
}
