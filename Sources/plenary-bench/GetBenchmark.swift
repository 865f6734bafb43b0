internal import ArgumentParser
internal import PlenaryClient

/// `plenary-bench get`
struct GetBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "GetDialogue of plenaryd: the record that is asked for most.")

  @OptionGroup var programs: Programs
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var tls: TLSOptions
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    output.print(try await Self.measure(programs: programs, registry: registry, tls: tls, options: rounds))
  }

  /// Does the work for this command and for those that include it.
  static func measure(
    programs: Programs, registry options: RegistryOptions, tls: TLSOptions? = nil, options rounds: RoundOptions
  ) async throws -> ComparisonReport {
    let cores = Cores()
    let registry = try await MeasuredRegistry.start(
      options.bundle().records, programs: programs, tls: tls, pinnedBy: cores.serverPrefix)
    let report: ComparisonReport
    do {
      try await check(options.dialogue, servedBy: registry)
      report = try Comparison(
        title: "GetDialogue", server: registry.server, path: DialogueServiceDefinition.getDialogue.path,
        request: request(options), cores: cores, certificate: registry.certificate
      ).run(rounds)
    } catch {
      try registry.stop()
      throw error
    }
    try registry.stop()
    return report
  }

  /// The message that asks for the record.
  static func request(_ options: RegistryOptions) throws -> [UInt8] {
    try GetDialogueRequest.with { $0.name = options.dialogue }.serializedBytes()
  }

  /// What the load gets must be the record, and not an error.
  static func check(_ name: String, servedBy registry: MeasuredRegistry) async throws {
    try await registry.withClient { registry in
      let dialogue = try await registry.dialogues.get(name)
      guard dialogue.name == name else { throw Failure("plenaryd answered with \(dialogue.name) instead of \(name)") }
    }
  }
}
