internal import PlenaryClient

extension Registry {
  /// Brings back a deleted record.
  func undelete(
    _ name: String, of kind: Kind, etag: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    try await undelete(name, kind.service, etag, change)
  }

  private func undelete<Service: CompleteServiceDefinition>(
    _ name: String, _ service: Service.Type, _ etag: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Undelete.with {
      $0.name = name
      $0.etag = etag
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    return try await ResourceClient<Service>(client.channel).undelete(request, options: options)
  }

  /// Removes deleted records for good; without force it counts them and names some.
  func purge(
    _ kind: Kind, in parent: String, filter: String, force: Bool, _ change: Change
  ) async throws(GRPCStatus) -> (count: Int, sample: [String]) {
    try await purge(kind.service, parent, filter, force, change)
  }

  private func purge<Service: CompleteServiceDefinition>(
    _ service: Service.Type, _ parent: String, _ filter: String, _ force: Bool, _ change: Change
  ) async throws(GRPCStatus) -> (count: Int, sample: [String]) {
    let request = Service.Purge.with {
      $0.parent = parent
      $0.filter = filter
      $0.force = force
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    let response = try await ResourceClient<Service>(client.channel).purge(request, options: options)
    return (Int(response.purgeCount), response.purgeSample)
  }
}
