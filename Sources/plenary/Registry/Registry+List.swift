internal import PlenaryClient

/// Which records to list, and what of them.
struct ListQuery: Sendable {
  /// The parent; empty for kinds that have none.
  var parent = ""
  var filter = ""
  var orderBy = ""
  /// The most records; nil for all.
  var limit: Int?
  var showsDeleted = false
  /// The fields to get; empty for all.
  var paths: [String] = []
}

extension Registry {
  /// The records asked for at a time. A page also ends at the size that the daemon allows.
  private static let pageSize = 500

  /// Lists records, a page at a time, and says after the last one how many there were.
  ///
  /// - Throws: the status of a call that failed, and what `body` throws.
  @discardableResult
  func list(
    _ kind: Kind, _ query: ListQuery = ListQuery(), eachPage body: ([any ResourceMessage]) async throws -> Void
  ) async throws -> Int {
    try await list(kind.service, query, body)
  }

  /// All records of a list.
  func all(_ kind: Kind, _ query: ListQuery = ListQuery()) async throws -> [any ResourceMessage] {
    var records: [any ResourceMessage] = []
    try await list(kind, query) { records += $0 }
    return records
  }

  private func list<Service: ResourceServiceDefinition>(
    _ service: Service.Type, _ query: ListQuery, _ body: ([any ResourceMessage]) async throws -> Void
  ) async throws -> Int {
    let request = Service.List.with {
      $0.parent = query.parent
      $0.pageSize = Int32(min(query.limit ?? Self.pageSize, Self.pageSize))
      $0.filter = query.filter
      $0.orderBy = query.orderBy
      $0.showDeleted = query.showsDeleted
      $0.read(at: moment)
      if !query.paths.isEmpty { $0.readMask = Service.List.Mask(paths: query.paths) }
    }
    var count = 0
    for try await page in ResourceClient<Service>(client.channel).list(request, options: options).pages {
      let wanted = page.resources.prefix(query.limit.map { $0 - count } ?? .max)
      count += wanted.count
      if !wanted.isEmpty { try await body(Array(wanted)) }
      if count == query.limit { break }
    }
    return count
  }
}
