// The methods that every kind has beside the standard five: for what was deleted, for several records at once, and from
// state to state.

extension ResourceClient where Service: CompleteServiceDefinition {
  /// Brings back a deleted record, with what was deleted with it.
  @discardableResult
  public func undelete(
    _ request: Service.Undelete, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await channel.unary(Service.undelete, request, options: options)
  }

  /// Brings back the deleted record with a name, if it still is the version with the etag, where one is given.
  @discardableResult
  public func undelete(
    _ name: String, etag: String = "", options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    let request = Service.Undelete.with {
      $0.name = name
      $0.etag = etag
    }
    return try await undelete(request, options: options)
  }

  /// Removes deleted records for good, or counts them.
  public func purge(
    _ request: Service.Purge, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.PurgeResponse {
    try await channel.unary(Service.purge, request, options: options)
  }

  /// Removes the deleted records that a filter selects for good; `*` stands for all of them.
  ///
  /// - Parameters:
  ///   - parent: The record whose children are meant; empty for kinds at the top, `-` in place of an id for those of
  ///     every parent.
  ///   - force: Whether to remove them; otherwise they are only counted, and some named.
  public func purge(
    in parent: String = "", filter: String, force: Bool, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.PurgeResponse {
    let request = Service.Purge.with {
      $0.parent = parent
      $0.filter = filter
      $0.force = force
    }
    return try await purge(request, options: options)
  }

  /// Gets up to 1000 records as they stand at one revision.
  public func batchGet(
    _ request: Service.BatchGet, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.BatchGetResponse {
    try await channel.unary(Service.batchGet, request, options: options)
  }

  /// Gets the records with up to 1000 names, in their order, as they stand at one revision: all of them, or none.
  ///
  /// Fails with `RESOURCE_EXHAUSTED` if they take more than 3 MiB.
  ///
  /// - Parameter paths: The fields to get; empty for all.
  public func batchGet(
    _ names: [String], paths: [String] = [], options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> [Service.Resource] {
    let request = Service.BatchGet.with {
      $0.names = names
      if !paths.isEmpty { $0.readMask = Service.BatchGet.Mask(paths: paths) }
    }
    return try await batchGet(request, options: options).resources
  }

  /// Creates up to 1000 records in one transaction.
  @discardableResult
  public func batchCreate(
    _ request: Service.BatchCreate, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.BatchCreateResponse {
    try await channel.unary(Service.batchCreate, request, options: options)
  }

  /// Creates up to 1000 records with their ids, below a parent if their kind has one: all of them, or none. They may
  /// refer to each other.
  @discardableResult
  public func batchCreate(
    _ records: [(id: String, resource: Service.Resource)], in parent: String = "", options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> [Service.Resource] {
    let request = Service.BatchCreate.with { batch in
      batch.parent = parent
      batch.requests = records.map { record in
        .with {
          $0.parent = parent
          $0.resourceID = record.id
          $0.resource = record.resource
        }
      }
    }
    return try await batchCreate(request, options: options).resources
  }
}

extension ResourceClient {
  /// Moves a record to another state; the request says by which method:
  /// `dialogues.move(ScheduleDialogueRequest.with { $0.name = … })`.
  ///
  /// Fails with `FAILED_PRECONDITION`, reason `ILLEGAL_TRANSITION`, if no such step leads from the state that it has.
  @discardableResult
  public func move<Request: TransitionRequestMessage>(
    _ request: Request, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource where Request.Resource == Service.Resource {
    for case let method as MethodDescriptor<Request, Service.Resource> in Service.transitions {
      return try await channel.unary(method, request, options: options)
    }
    preconditionFailure("\(Request.descriptor.fullName) is the request of no method of the kind")
  }
}
