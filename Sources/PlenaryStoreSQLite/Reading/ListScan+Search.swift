internal import PlenaryStore

extension ListScan {
  /// The fewest and the most candidates to ask for at a time.
  private static let chunkMin = 16
  private static let chunkMax = 1024

  /// A page of what a search index finds: along it, if the list is by key; else, if it finds little, of all that.
  ///
  /// - Returns: nil if the index cannot tell, or finds too much to be put in order.
  func page(
    among candidates: SearchCandidates, after place: IndexPlace?, limit: PageLimit, gatheredMax: Int
  ) throws(Fault) -> Page? {
    guard query.order == .key else {
      guard let found = candidates.keys(from: SearchStart(), in: query.scope, limit: gatheredMax + 1),
        found.count <= gatheredMax
      else { return nil }
      let keys = GatheredKeys(keys: Set(found.map(\.name)), plan: ListPlan(amongOthers: query))
      return try gathered(keys, after: place, limit: limit)
    }
    let test = CandidateTest(ListPlan(amongOthers: query).residual)
    var builder = PageBuilder(limit: limit)
    var start = SearchStart(after: place.map { Key(stored: $0.key) }, going: query.direction)
    var count = min(max(limit.records + 1, Self.chunkMin), Self.chunkMax)
    while !builder.isFull {
      guard let found = candidates.keys(from: start, in: query.scope, limit: count) else { return nil }
      for key in found where !builder.isFull {
        try checkPatience()
        let place = IndexPlace(value: [], key: key.name)
        if let row = try accepted(key.name, test) {
          builder.accept(row.record, at: place)
        } else {
          builder.reject(at: place)
        }
      }
      guard found.count == count, let last = found.last else { break }
      start.key = last
      count = min(2 * count, Self.chunkMax)
    }
    return builder.page(at: past ?? transaction.head)
  }
}
