internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime

/// `plenary.v1.ImportService`: takes records until the caller has sent the last one, and answers then.
struct ImportHandler: ImportService {
  /// The most results in one message.
  private static let blockCount = 1000

  /// The most bytes of the errors in one message, so that it stays below what stock clients accept.
  private static let blockBytesMax = 2 << 20

  let registry: Registry
  let failures: FailureReport

  func importRegistry(
    _ requests: RequestStream<ImportRegistryRequest>, responses: ResponseWriter<ImportRegistryResponse>,
    context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      try await offLoop {
        let batch = try await batch(of: requests)
        let report = try await registry.importRecords(batch, as: context.caller)
        for result in report.results { result.error.map { failures.note($0, context) } }
        if !report.revision.isEmpty { try context.tell(revision: report.revision, isReplay: report.isReplay) }
        for block in Self.blocks(of: report) { try await responses.write(.with { $0.content = .results(block) }) }
        try await responses.write(.with { $0.content = .summary(report.summary) })
      }
    }
  }

  private func batch(of requests: RequestStream<ImportRegistryRequest>) async throws -> ImportBatch {
    var requests = requests.makeAsyncIterator()
    guard case .header(let header)? = try await requests.next()?.content else {
      throw DomainError(.importHeaderInvalid, "an import begins with a header; send that first, then the records")
    }
    var batch = try ImportBatch(header, within: registry.importBudget)
    while let request = try await requests.next() {
      switch request.content {
      case .record(let record): try batch.append(record)
      case .header: throw DomainError(.importHeaderInvalid, "an import has one header; send only records after it")
      // A record of a kind that this version does not know; what is wrong with it stands in its result.
      case nil: try batch.append(Record())
      }
    }
    return batch
  }

  private static func blocks(of report: ImportReport) -> [ImportRegistryResponse.ResultBlock] {
    var blocks: [ImportRegistryResponse.ResultBlock] = []
    var block = ImportRegistryResponse.ResultBlock()
    var byteCount = 0
    for (index, result) in report.results.enumerated() {
      let error = result.error.map { RPCStatus($0) }
      let size = result.name.utf8.count + 16 + (error.map(Self.size) ?? 0)
      if block.results.count == blockCount || !block.results.isEmpty && byteCount + size > blockBytesMax {
        blocks.append(block)
        block = ImportRegistryResponse.ResultBlock()
        byteCount = 0
      }
      byteCount += size
      block.results.append(
        .with {
          $0.index = Int32(index)
          $0.name = result.name
          $0.outcome = result.outcome
          $0.error = error
        })
    }
    return block.results.isEmpty ? blocks : blocks + [block]
  }

  /// About how many bytes a status takes.
  private static func size(of status: RPCStatus) -> Int {
    status.message.utf8.count + status.details.reduce(16) { $0 + $1.value.count + $1.typeURL.utf8.count + 8 }
  }
}
