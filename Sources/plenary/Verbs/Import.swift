internal import ArgumentParser
internal import PlenaryAPI
internal import ProtobufRuntime

/// `plenary import`: many records at once, all of them or none.
struct Import: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Imports the records of files, all of them or none.",
    discussion: """
      Examples:

        plenary import asia-ict-ct.json --dry-run
        plenary import sources.json dialogues.yaml --on-conflict replace
        plenary list themes -o yaml | plenary --server 127.0.0.1:7444 import -
        plenary export | plenary --server 127.0.0.1:7444 import -

      \(RecordFile.help)
      The records of several files are imported together, in any order. If one of them cannot be imported, each such \
      record is listed and nothing is changed.
      """)

  /// What becomes of a record whose name is taken by a record with other content.
  enum Conflict: String, ExpressibleByArgument, CaseIterable, Sendable {
    case fail, skip, replace

    fileprivate var message: ImportRegistryRequest.Conflict {
      switch self {
      case .fail: .fail
      case .skip: .skip
      case .replace: .replace
      }
    }
  }

  @Argument(help: ArgumentHelp("The files; - is the input of the program.", valueName: "file"))
  var files: [String]

  @Flag(help: "Check everything and change nothing.")
  var dryRun = false

  @Option(help: "What to do with a record whose name is taken by a record with other content.")
  var onConflict = Conflict.fail

  @Option(
    help: ArgumentHelp(
      "Makes the import safe to repeat: a second one with the same UUID does nothing.", valueName: "uuid"))
  var requestID = ""

  @Flag(help: "Pass over fields and enum values that this version does not know, instead of refusing them.")
  var ignoreUnknownFields = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let header = ImportRegistryRequest.Header.with {
      $0.dryRun = dryRun
      $0.conflict = onConflict.message
      $0.requestID = requestID
    }
    let batch = BundleImport(items: try items(), header: header)
    let outcome = try await session.withRegistry(isBrief: false) { registry in
      var progress = Progress(total: batch.items.count, noun: "records sent", console: session.console)
      defer { progress.end() }
      return try await batch.send(to: registry) { progress.reached($0) }
    }
    let failure = batch.failure(in: outcome)
    // People are told of a failure alone; programs want the results of all records in any case.
    if failure == nil || global.output.isForPrograms { try answer(outcome, session) }
    if let failure { throw failure }
  }

  private func items() throws(Failure) -> [RecordFile.Item] {
    guard files.count(where: { $0 == "-" }) <= 1 else { throw Failure(.usage, "the input can be read once only") }
    var items: [RecordFile.Item] = []
    for path in files {
      items += try RecordFile(InputFile(path: path), ignoresUnknownFields: ignoreUnknownFields).items()
    }
    return items
  }

  private func answer(_ outcome: BundleImport.Outcome, _ session: Session) throws(Failure) {
    switch global.output {
    case .table:
      try session.console.print([counts(outcome.summary)])
    case .json, .yaml:
      try session.answer(json(outcome))
    case .name:
      let changed = outcome.results.filter { $0.outcome == .created || $0.outcome == .updated }
      try session.console.print(changed.map(\.name))
    }
  }

  private func counts(_ summary: ImportRegistryResponse.Summary) -> String {
    var counts = [
      "\(summary.createdCount) created", "\(summary.updatedCount) updated", "\(summary.unchangedCount) unchanged",
    ]
    if summary.skippedCount > 0 { counts.append("\(summary.skippedCount) skipped") }
    counts.append("\(summary.failedCount) failed")
    let line = counts.joined(separator: ", ")
    return dryRun ? "\(line) (dry run: nothing was changed)" : line
  }

  /// The whole answer with every key in every case: ProtoJSON would leave out what is zero.
  private func json(_ outcome: BundleImport.Outcome) throws(Failure) -> JSONValue {
    var results: [JSONValue] = []
    for result in outcome.results { results.append(try .message(result)) }
    let summary = outcome.summary
    return .object([
      ("dryRun", .bool(dryRun)),
      ("applied", .bool(summary.applied)),
      ("createdCount", .number(Int(summary.createdCount))),
      ("updatedCount", .number(Int(summary.updatedCount))),
      ("unchangedCount", .number(Int(summary.unchangedCount))),
      ("skippedCount", .number(Int(summary.skippedCount))),
      ("failedCount", .number(Int(summary.failedCount))),
      ("revision", .string(summary.revision)),
      ("results", .array(results)),
    ])
  }
}
