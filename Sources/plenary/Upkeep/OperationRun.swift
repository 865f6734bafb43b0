internal import GRPCProtos
internal import PlenaryClient
internal import ProtobufRuntime

/// An operation at the other end, watched until it has ended.
struct OperationRun {
  /// How long one question for it takes, so that the bar moves.
  private static let step = ProtobufDuration(.milliseconds(500))

  let registry: Registry
  let session: Session

  private var client: LongRunningOperationsClient { LongRunningOperationsClient(registry.client.channel) }

  /// Waits for an operation, and returns its response.
  ///
  /// - Throws: a `Failure` if it failed, the `GRPCStatus` of a question that did.
  func response<Response: ProtobufMessage>(
    of operation: LongRunningOperation, as type: Response.Type
  ) async throws -> Response {
    var bar = ProgressBar(console: session.console)
    defer { bar.end() }
    var operation = operation
    while !operation.done {
      show(operation, on: &bar)
      operation = try await client.waitOperation(
        .with {
          $0.name = operation.name
          $0.timeout = Self.step
        }, options: CallOptions(timeout: .seconds(30)))
    }
    bar.end()
    switch operation.result {
    case .response(let packed):
      guard let response = try packed.unpacked(as: type) else {
        throw Failure(
          .other, "the answer of \(operation.name) is a \(packed.typeName), which this version does not know")
      }
      return response
    case .error(let status):
      throw GRPCStatus(
        GRPCStatus.Code(rawValue: Int(status.code)), status.message, details: status.details, origin: .peer)
    case nil:
      throw Failure(.other, "\(operation.name) has ended without an answer")
    }
  }

  private func show(_ operation: LongRunningOperation, on bar: inout ProgressBar) {
    // What cannot be read of it is not shown.
    guard let metadata = try? operation.metadata?.unpacked(as: UpkeepMetadata.self) else { return }
    bar.reached(OperationWords.stage(metadata), metadata.doneCount, of: metadata.totalCount)
  }
}

/// What is told of operations.
enum OperationWords {
  /// What is being done.
  static func stage(_ metadata: UpkeepMetadata) -> String {
    metadata.stage == .unspecified ? "waiting" : EnumWords.words(metadata.stage.description)
  }

  /// Whether it runs, and how it ended.
  static func state(_ operation: LongRunningOperation, _ metadata: UpkeepMetadata?) -> String {
    guard operation.done else {
      return metadata?.cancelRequested == true ? "stopping" : metadata.map(stage) ?? "running"
    }
    if case .error(let status) = operation.result { return "failed: \(TerminalText.oneLine(status.message))" }
    return "done"
  }
}
