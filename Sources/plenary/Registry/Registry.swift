internal import PlenaryClient

/// The registry at the other end, asked for records of kinds that are known only when the program runs.
struct Registry: Sendable {
  let client: RegistryClient
  let options: CallOptions
  let kinds = KindCatalog.registry

  /// The moment whose state is read; nil for the present one.
  var moment: Moment?

  /// Gets a record, or the fields of it that the paths name.
  func get(_ name: String, of kind: Kind, paths: [String] = []) async throws(GRPCStatus) -> any ResourceMessage {
    try await get(name, kind.service, paths)
  }

  private func get<Service: ResourceServiceDefinition>(
    _ name: String, _ service: Service.Type, _ paths: [String]
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Get.with {
      $0.name = name
      $0.read(at: moment)
      if !paths.isEmpty { $0.readMask = Service.Get.Mask(paths: paths) }
    }
    return try await ResourceClient<Service>(client.channel).get(request, options: options)
  }

  /// Creates a record below a parent, which is empty for kinds that have none.
  func create(
    _ record: any ResourceMessage, of kind: Kind, id: String, in parent: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    try await create(record, kind.service, id, parent, change)
  }

  private func create<Service: ResourceServiceDefinition>(
    _ record: any ResourceMessage, _ service: Service.Type, _ id: String, _ parent: String, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Create.with {
      $0.parent = parent
      $0.resource = record as? Service.Resource
      $0.resourceID = id
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    return try await ResourceClient<Service>(client.channel).create(request, options: options)
  }

  /// Changes the fields of a record that the paths name.
  func update(
    _ record: any ResourceMessage, of kind: Kind, paths: [String], allowMissing: Bool, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    try await update(record, kind.service, paths, allowMissing, change)
  }

  private func update<Service: ResourceServiceDefinition>(
    _ record: any ResourceMessage, _ service: Service.Type, _ paths: [String], _ allowMissing: Bool, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Update.with {
      $0.resource = record as? Service.Resource
      $0.updateMask = Service.Update.Mask(paths: paths)
      $0.allowMissing = allowMissing
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    return try await ResourceClient<Service>(client.channel).update(request, options: options)
  }

  /// Deletes a record.
  func delete(
    _ name: String, of kind: Kind, etag: String, force: Bool, allowMissing: Bool, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    try await delete(name, kind.service, etag, force, allowMissing, change)
  }

  private func delete<Service: ResourceServiceDefinition>(
    _ name: String, _ service: Service.Type, _ etag: String, _ force: Bool, _ allowMissing: Bool, _ change: Change
  ) async throws(GRPCStatus) -> any ResourceMessage {
    let request = Service.Delete.with {
      $0.name = name
      $0.etag = etag
      $0.force = force
      $0.allowMissing = allowMissing
      $0.requestID = change.requestID
      $0.validateOnly = change.isRehearsal
    }
    return try await ResourceClient<Service>(client.channel).delete(request, options: options)
  }
}

/// How something is changed.
struct Change: Sendable {
  /// A UUID that makes the change safe to repeat; empty where that is not wanted.
  var requestID = ""
  /// Whether everything is checked and nothing changed.
  var isRehearsal = false
}
