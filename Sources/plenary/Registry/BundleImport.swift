internal import PlenaryClient

/// Records on their way into the registry, and what became of them.
struct BundleImport {
  let items: [RecordFile.Item]
  let header: ImportRegistryRequest.Header

  /// What the registry answered.
  struct Outcome {
    var results: [ImportRegistryResponse.Result] = []
    var summary = ImportRegistryResponse.Summary()
  }

  /// Sends the records in one transaction.
  ///
  /// - Parameter progress: Is told after each record how many have been sent.
  /// - Throws: the status of the call if it failed as a whole.
  func send(to registry: Registry, progress: (Int) -> Void) async throws -> Outcome {
    let client = ImportServiceClient(registry.client.channel)
    return try await client.importRegistry(options: registry.options) { requests, responses in
      do {
        try await requests.write(.with { $0.content = .header(header) })
        for (index, item) in items.enumerated() {
          try await requests.write(.with { $0.content = .record(item.record) })
          progress(index + 1)
        }
        requests.finish()
      } catch let status as GRPCStatus where status.code == .ok {
        // The registry has answered without waiting for the rest; what it said is read below.
      }
      var outcome = Outcome()
      for try await response in responses {
        switch response.content {
        case .results(let block): outcome.results += block.results
        case .summary(let summary): outcome.summary = summary
        case nil: break
        }
      }
      return outcome
    }
  }
}

extension BundleImport {
  /// Why records could not be imported, a line or more for each; nil if all could.
  func failure(in outcome: Outcome) -> Failure? {
    let failed = outcome.results.filter { $0.outcome == .failed }
    guard !failed.isEmpty else { return nil }
    let statuses = failed.map { GRPCStatus($0.error ?? RPCStatus()) }
    let exits = Set(statuses.map { ExitStatus($0.code) })
    // What is deleted can be neither left as it is nor replaced.
    let exists = statuses.contains { status in
      status.reason == "RESOURCE_EXISTS" && status.errorInfo?.metadata["deleted"] != "true"
    }
    let advice =
      exists
      ? "give --on-conflict skip to leave those that are there, or --on-conflict replace"
      : "mend \(failed.count == 1 ? "it" : "them") and import again"
    return Failure(
      exits.count == 1 ? exits.first ?? .invalid : .invalid,
      "\(failed.count) of \(items.count) records cannot be imported, and nothing was changed", advice: advice,
      details: zip(failed, statuses).flatMap { lines($0, $1) })
  }

  /// Where the record was read, its name, and each thing that is wrong with it.
  private func lines(_ result: ImportRegistryResponse.Result, _ status: GRPCStatus) -> [String] {
    let index = Int(result.index)
    let place = items.indices.contains(index) ? items[index].place : "records[\(index)]"
    let head = [place, result.name].filter { !$0.isEmpty }.joined(separator: " ")
    let violations = status.fieldViolations
    guard !violations.isEmpty else { return [line(head, status.message, status.reason)] }
    return violations.map { line(head, "\($0.field): \($0.description)", $0.reason) }
  }

  private func line(_ head: String, _ message: String, _ reason: String?) -> String {
    TerminalText.oneLine("\(head): \(message)" + (reason.map { $0.isEmpty ? "" : " (\($0))" } ?? ""))
  }
}
