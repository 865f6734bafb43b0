/// The records of one kind, by the methods that every kind has.
///
/// Each method comes in two forms: with the request that crosses the wire, and with what is usually put into it. All of
/// them throw the status of the call when it is not OK, and `CANCELLED` when the task is cancelled.
public struct ResourceClient<Service: ResourceServiceDefinition>: Sendable {
  /// Where the calls go.
  public let channel: GRPCChannel

  /// Calls over `channel`, which the caller keeps and closes.
  public init(_ channel: GRPCChannel) {
    self.channel = channel
  }

  /// Gets a record.
  public func get(
    _ request: Service.Get, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await channel.unary(Service.get, request, options: options)
  }

  /// Lists records: fetches page after page while the sequence is read.
  public func list(_ request: Service.List, options: CallOptions = CallOptions()) -> Records<Service> {
    Records(pages: Pages(channel: channel, request: request, options: options))
  }

  /// Creates a record.
  public func create(
    _ request: Service.Create, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await channel.unary(Service.create, request, options: options)
  }

  /// Changes the fields of a record that the mask names.
  public func update(
    _ request: Service.Update, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await channel.unary(Service.update, request, options: options)
  }

  /// Deletes a record and returns it.
  @discardableResult
  public func delete(
    _ request: Service.Delete, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await channel.unary(Service.delete, request, options: options)
  }
}

extension ResourceClient {
  /// Gets the record with a name.
  public func get(
    _ name: String, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    try await get(.with { $0.name = name }, options: options)
  }

  /// Lists the records that a filter selects, or all, in an order such as `start_date desc,ordinal`.
  ///
  /// - Parameter parent: The record whose children are listed; empty for kinds at the top, `-` in place of an id for
  ///   those of every parent.
  public func list(
    in parent: String = "", filter: String = "", orderBy: String = "", options: CallOptions = CallOptions()
  ) -> Records<Service> {
    let request = Service.List.with {
      $0.parent = parent
      $0.filter = filter
      $0.orderBy = orderBy
    }
    return list(request, options: options)
  }

  /// Creates a record with an id, below a parent if its kind has one; for follow-ups the id may be empty, and the
  /// registry makes one.
  public func create(
    _ resource: Service.Resource, id: String, in parent: String = "", options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    let request = Service.Create.with {
      $0.parent = parent
      $0.resource = resource
      $0.resourceID = id
    }
    return try await create(request, options: options)
  }

  /// Changes the fields at `paths` of the record that `resource` names; without paths, those that are set in it.
  ///
  /// If `resource` has an etag and the record has changed since, the call fails with `ABORTED`.
  public func update(
    _ resource: Service.Resource, paths: [String] = [], options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    let request = Service.Update.with {
      $0.resource = resource
      if !paths.isEmpty { $0.updateMask = Service.Update.Mask(paths: paths) }
    }
    return try await update(request, options: options)
  }

  /// Deletes the record with a name, if it still is the version with the etag, where one is given.
  @discardableResult
  public func delete(
    _ name: String, etag: String = "", options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Service.Resource {
    let request = Service.Delete.with {
      $0.name = name
      $0.etag = etag
    }
    return try await delete(request, options: options)
  }
}
