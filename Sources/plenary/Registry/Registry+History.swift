internal import PlenaryClient

extension Registry {
  /// The versions asked for at a time.
  private static let versionPageSize = 100

  /// The versions of a record, the newest first, up to a number of them.
  func versions(of name: String, _ kind: Kind, limit: Int?) async throws(GRPCStatus) -> [any ResourceRevisionMessage] {
    try await versions(of: name, kind.service, limit)
  }

  private func versions<Service: CompleteServiceDefinition>(
    of name: String, _ service: Service.Type, _ limit: Int?
  ) async throws(GRPCStatus) -> [any ResourceRevisionMessage] {
    var request = Service.ListRevisions()
    request.parent = name
    request.pageSize = Int32(min(limit ?? Self.versionPageSize, Self.versionPageSize))
    var versions: [any ResourceRevisionMessage] = []
    repeat {
      let page = try await client.channel.unary(Service.listRevisions, request, options: options)
      let wanted = page.revisions.prefix(limit.map { $0 - versions.count } ?? .max)
      versions += wanted.map { $0 as any ResourceRevisionMessage }
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty && versions.count < limit ?? .max
    return versions
  }

  /// Gives a record the content that it had.
  func rollback(
    _ name: String, of kind: Kind, to moment: Moment, etag: String, reason: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    var revision = moment.revision
    if revision.isEmpty {
      // The version that was the newest at a time has its own revision.
      var past = self
      past.moment = moment
      let record = try await past.get(name, of: kind, paths: ["revision"])
      if let field = kind.descriptor.field(named: "revision"),
        case .string(let token)? = record.value(ofField: field.number)
      {
        revision = token
      }
    }
    return try await rollback(name, kind.service, revision, etag, reason, change)
  }

  private func rollback<Service: CompleteServiceDefinition>(
    _ name: String, _ service: Service.Type, _ revision: String, _ etag: String, _ reason: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Rollback.with {
      $0.name = name
      $0.etag = etag
      $0.reason = reason
      $0.revisionID = revision
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    return try await client.channel.unary(Service.rollback, request, options: options)
  }

  /// The fields in which a record differs between two moments; nil for the second is now.
  func differences(of name: String, from: Moment, to: Moment?) async throws(GRPCStatus) -> DiffResourceResponse {
    let request = DiffResourceRequest.with {
      $0.name = name
      $0.fromRevision = from.revision
      $0.fromTime = from.time
      $0.toRevision = to?.revision ?? ""
      $0.toTime = to?.time
    }
    return try await HistoryServiceClient(client.channel).diffResource(request, options: options)
  }

  /// The records that differ between two moments, all pages together; nil for the second is now.
  func differences(from: Moment, to: Moment?) async throws(GRPCStatus) -> DiffRegistryResponse {
    var request = DiffRegistryRequest.with {
      $0.fromRevision = from.revision
      $0.fromTime = from.time
      $0.toRevision = to?.revision ?? ""
      $0.toTime = to?.time
      $0.pageSize = 1000
    }
    var all = DiffRegistryResponse()
    repeat {
      let page = try await HistoryServiceClient(client.channel).diffRegistry(request, options: options)
      all.changes += page.changes
      all.fromRevision = page.fromRevision
      all.toRevision = page.toRevision
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return all
  }
}
