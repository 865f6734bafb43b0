internal import GRPCProtos
internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime

/// The methods of `plenary.v1.OutcomeReportService` that make and read the content of reports.
struct OutcomeContentHandler: OutcomeReportService {
  let registry: Registry
  let failures: FailureReport
  let desk: UpkeepDesk

  func compileOutcomeReport(
    _ request: CompileOutcomeReportRequest, context: CallContext
  ) async throws -> LongRunningOperation {
    try await failures.guarding(context) { try await desk.compile(request, as: context.caller) }
  }

  func readOutcomeReportContent(
    _ request: ReadOutcomeReportContentRequest, responses: ResponseWriter<ReadOutcomeReportContentResponse>,
    context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      try await offLoop {
        try await registry.readOutcomeContent(request, as: context.caller) { try await responses.write($0) }
      }
    }
  }
}
