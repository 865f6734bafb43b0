// Many records at once: into the registry, and out of it.

extension RegistryClient {
  /// Imports records in one transaction: all of them, or none. They may be given in any order.
  ///
  /// What cannot be imported is a result and not an error; then `summary.applied` is false and nothing has changed.
  ///
  /// Throws the status of the call when it is not OK, and `CANCELLED` when the task is cancelled.
  ///
  /// - Parameters:
  ///   - dryRun: Whether to check everything and change nothing.
  ///   - conflict: What becomes of a record whose name is taken by a record with other content.
  ///   - requestID: A UUID that makes the import safe to repeat; empty where that is not wanted.
  public func importRecords(
    _ records: [Record], dryRun: Bool = false, conflict: ImportRegistryRequest.Conflict = .fail,
    requestID: String = "", options: CallOptions = CallOptions()
  ) async throws -> ImportReport {
    let header = ImportRegistryRequest.Header.with {
      $0.dryRun = dryRun
      $0.conflict = conflict
      $0.requestID = requestID
    }
    return try await ImportServiceClient(channel).importRegistry(options: options) { requests, responses in
      try await requests.write(.with { $0.content = .header(header) })
      for record in records { try await requests.write(.with { $0.content = .record(record) }) }
      // Only then does the registry begin to answer.
      requests.finish()
      var report = ImportReport()
      for try await response in responses {
        switch response.content {
        case .results(let block): report.results += block.results
        case .summary(let summary): report.summary = summary
        case nil: break
        }
      }
      return report
    }
  }

  /// Exports records in canonical form, as they stand at one revision: the kinds of these resource types, or all.
  ///
  /// They are held in memory; to take them one by one, call `ExportServiceClient`. Throws the status of the call when it
  /// is not OK, and `CANCELLED` when the task is cancelled.
  public func exportRecords(
    ofTypes resourceTypes: [String] = [], options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> RegistryExport {
    var export = RegistryExport()
    let request = ExportRegistryRequest.with { $0.resourceTypes = resourceTypes }
    var responses = try ExportServiceClient(channel).exportRegistry(request, options: options).makeAsyncIterator()
    while let response = try await responses.next() {
      switch response.content {
      case .header(let header): export.revision = header.revision
      case .record(let record): export.records.append(record)
      case .data, .progress, nil: break
      }
    }
    return export
  }
}

/// What became of an import.
public struct ImportReport: Sendable {
  /// What became of each record, in the order in which they were given.
  public var results: [ImportRegistryResponse.Result] = []

  /// What became of the import as a whole.
  public var summary = ImportRegistryResponse.Summary()
}

/// What was exported.
public struct RegistryExport: Sendable {
  /// The revision of the registry that the records show.
  public var revision = ""

  /// The records, in the order of their kinds, those of one kind by name.
  public var records: [Record] = []
}
