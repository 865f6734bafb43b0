internal import Crypto
internal import GoogleAPI
package import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most gaps that stand in a report itself; its content has all of them. Those that are not waived come first.
  static let outcomeGapCountMax = 1000

  /// A compilation that was asked for and may be done.
  package struct OutcomeTask: Sendable {
    let key: Key
    let call: WriteCall
    let etag: String
    let report: OutcomeReport
    /// The revision that was asked for; nil for the present.
    let revision: Revision?
  }

  /// Looks at what is asked for before any work is done.
  /// - Throws: `idInvalid`, `resourceNotFound`, `etagMismatch`, `illegalTransition`, `roleMissing`, `originatorOnly`,
  ///   `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`, `readOnlyFollower`.
  package func outcomeTask(
    _ request: CompileOutcomeReportRequest, as caller: Caller
  ) async throws(DomainError) -> OutcomeTask {
    let kind = Kind.outcomeReport
    let key = try kind.key(request.name, field: "name")
    var call = try WriteCall(
      "CompileOutcomeReport", request, requestID: request.requestID, validateOnly: request.validateOnly)
    call.reason = try Self.normalizedReason(of: request)
    if let following, !request.validateOnly { throw DomainError(StoreError.follower(leader: following.leader)) }
    let asked = try await revision(
      request.revision, or: request.readTime.map { ProtobufTimestamp(seconds: $0.seconds, nanos: $0.nanos) },
      field: "revision", timeField: "read_time")
    let view = RecordView(of: store, for: caller, kinds: kinds)
    guard let record = try await view.storedRecord(key), !record.isDeleted,
      let report = try view.content(of: record) as? OutcomeReport
    else { throw kind.notFound(request.name) }
    try check(etag: request.etag, of: record)
    try await view.checkAccess(to: key, kind, content: report, isNew: false)
    try kind.checkMayCompile(report, key)
    return OutcomeTask(key: key, call: call, etag: request.etag, report: report, revision: asked)
  }

  /// How often a report is compiled anew because persons changed meanwhile.
  private static let compilationCountMax = 3

  /// Compiles a report, and writes down what came of it.
  /// - Throws: `markingTooLoose`, `referenceNotFound`, `referenceType`, `limitReached`, `revisionCompacted`,
  ///   `writeContention` if what the report asks for has changed meanwhile, `callCancelled`.
  package func compileOutcome(
    _ task: OutcomeTask, as caller: Caller, watch: UpkeepWatch
  ) async throws(DomainError) -> CompileOutcomeReportResponse {
    for _ in 1..<Self.compilationCountMax {
      do throws(DomainError) {
        return try await compiled(task, as: caller, watch)
      } catch {
        guard error == Self.personsChanged else { throw error }
      }
    }
    return try await compiled(task, as: caller, watch)
  }

  private func compiled(
    _ task: OutcomeTask, as caller: Caller, _ watch: UpkeepWatch
  ) async throws(DomainError) -> CompileOutcomeReportResponse {
    let kind = Kind.outcomeReport
    let head = try await head()
    let input = OutcomeInput(report: task.report, revision: task.revision ?? head, horizon: head)
    let outcome = try await outcome(of: input, watch)
    let time = now()
    let reply = try await reply(to: task.call, task.key, kind, as: caller) { view throws(DomainError) in
      guard let record = try await view.storedRecord(task.key), !record.isDeleted,
        let previous = try view.content(of: record) as? OutcomeReport
      else { throw kind.notFound(task.key.name) }
      try self.check(etag: task.etag, of: record)
      try kind.checkMayCompile(previous, task.key)
      guard previous.asks(forTheSameAs: input.report) else {
        throw DomainError(
          .writeContention, "what the report asks for has changed while it was compiled; compile it again",
          resource: task.key.name)
      }
      var findings = Findings()
      // One that was erased meanwhile stands in this content with its name.
      if let persons = KeyPrefix("persons/") {
        findings.require(.prefixUnchangedSince(persons, head), or: .refuse { _ in Self.personsChanged })
      }
      let content = self.report(previous, with: outcome, input, by: view.principal, at: time)
      return try await self.replacement(of: record, previous, by: content, kind, in: view, findings)
    }
    outcomeCache.keep(outcome)
    let report = try OutcomeReport(stored: reply.bytes)
    return .with {
      $0.outcomeReport = report
      $0.sizeBytes = Int64(outcome.bytes.count)
    }
  }

  private static let personsChanged = DomainError(
    .writeContention, "records of persons have changed while the report was compiled; compile it again")

  /// A report with what compiling puts into it.
  private func report(
    _ previous: OutcomeReport, with outcome: CompiledOutcome, _ input: OutcomeInput, by principal: String,
    at time: CommitTime
  ) -> OutcomeReport {
    var report = previous
    report.dropContent()
    report.state = .compiled
    report.inputRevision = tokens.moment(input.revision)
    report.compileRevision = tokens.moment(input.horizon)
    report.contentDigest = outcome.digest
    let waived = outcome.gaps.filter { !$0.waiveReason.isEmpty }
    report.gaps = Array((outcome.gaps.filter(\.waiveReason.isEmpty) + waived).prefix(Self.outcomeGapCountMax))
    report.withheldCount = Int32(outcome.withheldCount)
    report.templateVersion = OutcomeInput.templateVersion
    report.highestLabel = outcome.highestLabel
    report.compiler = principal
    report.compileTime = ProtobufTimestamp(time)
    report.compiledDialogues = outcome.dialogues
    return report
  }

  /// Makes the content of a report: the same for the same input, whoever asks, wherever and whenever.
  func outcome(of input: OutcomeInput, _ watch: UpkeepWatch) async throws(DomainError) -> CompiledOutcome {
    let gatherer = try await OutcomeGatherer(input, store, kinds, memory, outcomeBudget.reserve(), watch)
    let material = try await gatherer.gather()
    watch.report(UpkeepProgress(.composing, done: 0, of: 0))
    let gaps = OutcomeGaps(input, material)
    var content = OutcomeComposer(input, material).content()
    content.gaps = gaps.told
    try OutcomeGatherer.check(watch)
    let bytes: [UInt8]
    do {
      bytes = try ProtoJSON.encode(content, options: .canonical)
    } catch {
      throw DomainError(.limitReached, "the content cannot be written: \(error)", resource: input.report.name)
    }
    guard bytes.count <= memory.outcomeContentByteCountMax else {
      throw DomainError(
        .limitReached,
        "the content would have \(bytes.count) bytes; that of a report has at most \(memory.outcomeContentByteCountMax), so "
          + "name fewer dialogues or languages", metadata: ["max_bytes": "\(memory.outcomeContentByteCountMax)"],
        resource: input.report.name)
    }
    return CompiledOutcome(
      bytes: bytes, digest: Array(SHA256.hash(data: bytes)).hexadecimal, gaps: gaps.gaps,
      withheldCount: material.withheld.values.reduce(0) { $0 + $1.count }, highestLabel: content.highestLabel,
      dialogues: material.events.map(\.dialogue.name))
  }
}

extension Kind {
  /// Checks that a report is in a state in which it is compiled.
  func checkMayCompile(_ report: OutcomeReport, _ key: Key) throws(DomainError) {
    guard let machine, machine.step("Compile", from: report.state.rawValue, isRecord: false) == nil else { return }
    throw illegal("Compile", machine, from: report.state.rawValue, isRecord: false, key)
  }
}
