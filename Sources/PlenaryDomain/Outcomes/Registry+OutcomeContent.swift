internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most bytes of one piece of a content.
  package static let outcomeChunkByteCount = 64 << 10

  /// Reads the content of a report: a header, then its canonical JSON in pieces.
  ///
  /// It is made again from the revision that the report was compiled at, unless it was read a short while ago.
  /// - Throws: `idInvalid`, `resourceNotFound`, `reportNotCompiled`, `reportContentLost`, `etagMismatch`, `numberOutOfRange`,
  ///   and what `send` throws.
  package func readOutcomeContent(
    _ request: ReadOutcomeReportContentRequest, as caller: Caller,
    send: (ReadOutcomeReportContentResponse) async throws -> Void
  ) async throws {
    let key = try Kind.outcomeReport.key(request.name, field: "name")
    let found = try await store.reading { store throws(StoreError) in try await store.get(key, as: caller.viewer) }
    guard let record = found.record else { throw Kind.outcomeReport.notFound(request.name) }
    let report = try OutcomeReport(
      stored: encoder(for: caller, .outcomeContent).bytes(of: record, Kind.outcomeReport))
    let (input, outcome) = try await content(of: report)
    guard request.contentDigest.isEmpty || request.contentDigest == outcome.digest else {
      throw DomainError(
        .etagMismatch, "the content has another digest by now; read it again from the beginning",
        metadata: ["expected": request.contentDigest.clipped, "actual": outcome.digest], resource: key.name)
    }
    guard (0...Int64(outcome.bytes.count)).contains(request.offset) else {
      throw DomainError(
        .init(
          "offset", .numberOutOfRange, "the content has \(outcome.bytes.count) bytes; give 0 to that",
          metadata: ["value": "\(request.offset)", "max": "\(outcome.bytes.count)"]))
    }
    let header = OutcomeContentHeader.with {
      $0.report = report.name
      $0.state = report.state
      $0.contentDigest = outcome.digest
      $0.sizeBytes = Int64(outcome.bytes.count)
      $0.inputRevision = text(input.revision, for: caller)
      $0.templateVersion = report.templateVersion
      $0.redactions = report.redactions
    }
    try await send(.with { $0.item = .header(header) })
    for start in stride(from: Int(request.offset), to: outcome.bytes.count, by: Self.outcomeChunkByteCount) {
      try DomainError.checkCancellation()
      try caller.checkIsCurrent()
      let end = min(start + Self.outcomeChunkByteCount, outcome.bytes.count)
      try await send(.with { $0.item = .chunk(Array(outcome.bytes[start..<end])) })
    }
  }

  /// The content of a report that was compiled, the one that it had then.
  private func content(
    of report: OutcomeReport
  ) async throws(DomainError) -> (input: OutcomeInput, outcome: CompiledOutcome) {
    let input = try outcomeInput(of: report)
    if let outcome = outcomeCache.content(report.contentDigest) { return (input, outcome) }
    let outcome: CompiledOutcome
    do throws(DomainError) {
      outcome = try await self.outcome(of: input, .nobody)
    } catch {
      switch error.reason {
      case .revisionCompacted, .revisionFuture, .markingTooLoose, .referenceNotFound, .referenceType:
        throw Self.contentLost(report, "the history that it was compiled from is not kept here")
      default: throw error
      }
    }
    guard outcome.digest == report.contentDigest else {
      throw Self.contentLost(report, "records that it was compiled from are not here any more as they were")
    }
    outcomeCache.keep(outcome)
    return (input, outcome)
  }

  /// What a report was compiled from.
  /// - Throws: `reportNotCompiled`, `reportContentLost` if it was compiled by rules that this version does not have.
  func outcomeInput(of report: OutcomeReport) throws(DomainError) -> OutcomeInput {
    guard !report.contentDigest.isEmpty, let revision = tokens.keptRevision(report.inputRevision),
      let horizon = tokens.keptRevision(report.compileRevision)
    else {
      throw DomainError(
        .reportNotCompiled,
        report.state == .draft
          ? "`\(report.name)` is a draft; compile it first"
          : "`\(report.name)` was not compiled here, but entered as it was; read it where it was compiled",
        resource: report.name)
    }
    guard report.templateVersion == OutcomeInput.templateVersion else {
      throw Self.contentLost(
        report, "it was compiled by rules of version \(report.templateVersion), which are not here")
    }
    return OutcomeInput(
      report: report, revision: revision, horizon: horizon,
      replacedDigest: report.redactions.last?.replacedDigest ?? "")
  }

  private static func contentLost(_ report: OutcomeReport, _ why: String) -> DomainError {
    let isFixed = report.state.isFixed
    return DomainError(
      .reportContentLost,
      "the content of `\(report.name)` cannot be made again: \(why); "
        + (isFixed ? "read it where it was compiled, or from a rendering that was kept" : "compile it again"),
      metadata: ["content_digest": report.contentDigest], resource: report.name)
  }
}
