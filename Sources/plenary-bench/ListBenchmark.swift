internal import ArgumentParser
internal import PlenaryClient

/// `plenary-bench list`
struct ListBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "ListDialogues of plenaryd: one full page.",
    discussion: "The registry holds ten pages of copies of one dialogue.")

  @Option(help: "Dialogues on the page.")
  var pageSize: Int32 = 100

  @OptionGroup var programs: Programs
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(pageSize) else { throw ValidationError("--page-size must be from 1 to 1000") }
  }

  func run() async throws {
    let cores = Cores()
    let records = try withCopies(registry.bundle().records, count: Int(pageSize) * 10)
    let measured = try await MeasuredRegistry.start(records, programs: programs, pinnedBy: cores.serverPrefix)
    do {
      try await check(measured)
      var rounds = rounds
      // A page is as much work as many records.
      rounds.requests = max(rounds.requests / Int(pageSize), 64)
      let comparison = Comparison(
        title: "ListDialogues", server: measured.server, path: DialogueServiceDefinition.listDialogues.path,
        request: try request.serializedBytes(), cores: cores)
      output.print(try comparison.run(rounds))
    } catch {
      try measured.stop()
      throw error
    }
    try measured.stop()
  }

  private var request: ListDialoguesRequest { .with { $0.pageSize = pageSize } }

  /// The records, and as many dialogues more that differ from the chosen one in their names.
  private func withCopies(_ records: [Record], count: Int) throws -> [Record] {
    let dialogues = records.compactMap { record -> Dialogue? in
      if case .dialogue(let dialogue) = record.kind { dialogue } else { nil }
    }
    guard var copy = dialogues.first(where: { $0.name == registry.dialogue }) else {
      throw Failure("\(registry.records) has no \(registry.dialogue): name one of its dialogues with --dialogue")
    }
    // A series has each ordinal once, and what a dialogue builds on is of its own series.
    copy.series = ""
    copy.ordinal = 0
    copy.predecessors = []
    return records
      + (0..<count).map { index in
        copy.name = "dialogues/copy-\(index)"
        return Record.with { $0.kind = .dialogue(copy) }
      }
  }

  /// What the load gets must be a full page, and not an error.
  private func check(_ measured: MeasuredRegistry) async throws {
    try await measured.withClient { registry in
      let page = try await registry.channel.unary(DialogueServiceDefinition.listDialogues, request)
      guard page.dialogues.count == Int(pageSize) else {
        throw Failure("plenaryd answered with \(page.dialogues.count) dialogues instead of \(pageSize)")
      }
    }
  }
}
