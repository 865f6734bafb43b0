internal import PlenaryClient

extension Registry {
  /// The most records that one call gets.
  static let batchCountMax = 1000

  /// Gets records of a kind by their names, in that order: with one call for each thousand of them, or more where they
  /// are large.
  func batchGet(_ names: [String], of kind: Kind) async throws(GRPCStatus) -> [any ResourceMessage] {
    var records: [any ResourceMessage] = []
    for start in stride(from: 0, to: names.count, by: Self.batchCountMax) {
      records += try await batch(names[start..<min(start + Self.batchCountMax, names.count)], kind)
    }
    return records
  }

  private func batch(_ names: ArraySlice<String>, _ kind: Kind) async throws(GRPCStatus) -> [any ResourceMessage] {
    do {
      return try await batch(names, kind.service)
    } catch  where error.reason == "LIMIT_REACHED" && names.count > 1 {
      // They take more bytes than one answer may have.
      let middle = names.startIndex + names.count / 2
      return try await batch(names[..<middle], kind) + batch(names[middle...], kind)
    }
  }

  private func batch<Service: CompleteServiceDefinition>(
    _ names: ArraySlice<String>, _ service: Service.Type
  ) async throws(GRPCStatus) -> [any ResourceMessage] {
    let request = Service.BatchGet.with {
      $0.names = Array(names)
      $0.read(at: moment)
    }
    return try await client.channel.unary(Service.batchGet, request, options: options).resources
  }
}
