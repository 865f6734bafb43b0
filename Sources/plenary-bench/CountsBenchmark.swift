internal import ArgumentParser
internal import PlenaryClient
internal import TestProtos

/// `plenary-bench counts`
struct CountsBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counts", abstract: "Allocations, system calls and bytes of a call, held to thresholds.",
    discussion: """
      What is counted hardly depends on the machine, so it is judged: a figure
      above its threshold, or below its other one, makes this exit with 1.
      The thresholds stand in CountThresholds.swift.
      """)

  @OptionGroup var programs: Programs
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOptions

  private static let messages: Int32 = 1000
  private static let load = LoadShape(connections: 1, streams: 32, requests: 20_000)
  private static let streamLoad = LoadShape(connections: 1, streams: 32, requests: 200)

  func run() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var calls = try testServerCalls(folder)
    calls.append(try await getDialogue(folder))
    let report = CountsReport(benchmark: "counts", load: Self.load, calls: calls)
    output.print(report)
    guard report.complaints.isEmpty else {
      throw Failure("counts are out of range:\n\(report.complaints.joined(separator: "\n"))")
    }
  }

  private func testServerCalls(_ folder: TemporaryFolder) throws -> [CountsReport.Call] {
    let counter = try CallCounter(programs, in: folder)
    let cores = Cores()
    let measured = try MeasuredTestServer(programs, pinnedBy: cores.serverPrefix + counter.serverPrefix)
    defer { measured.stop() }
    let say = CountedCall(
      path: KitEchoDefinition.say.path, request: try SayBenchmark.request(bytes: 600), load: Self.load)
    let stream = CountedCall(
      path: KitEchoDefinition.stream.path,
      request: try StreamBenchmark.request(messages: Self.messages, bytes: 100), messages: Int(Self.messages),
      load: Self.streamLoad)
    return [
      .init(
        title: "Say", counts: CountThresholds.say.judge(try say.measure(measured.server, counter, folder, cores))),
      .init(
        title: "message of Stream",
        counts: CountThresholds.streamMessage.judge(try stream.measure(measured.server, counter, folder, cores))),
    ]
  }

  private func getDialogue(_ folder: TemporaryFolder) async throws -> CountsReport.Call {
    let counter = try CallCounter(programs, in: folder)
    let cores = Cores()
    let measured = try await MeasuredRegistry.start(
      registry.bundle().records, programs: programs, pinnedBy: cores.serverPrefix + counter.serverPrefix)
    let counts: CallCounts
    do {
      try await GetBenchmark.check(registry.dialogue, servedBy: measured)
      let call = CountedCall(
        path: DialogueServiceDefinition.getDialogue.path, request: try GetBenchmark.request(registry), load: Self.load)
      counts = try call.measure(measured.server, counter, folder, cores)
    } catch {
      try measured.stop()
      throw error
    }
    try measured.stop()
    return CountsReport.Call(title: "GetDialogue", counts: CountThresholds.getDialogue.judge(counts))
  }
}

/// A call that is made many times while a server counts.
private struct CountedCall {
  let path: String
  let request: [UInt8]
  /// How many messages an answer has; counts are for one of them.
  var messages = 1
  let load: LoadShape

  func measure(
    _ server: MeasuredServer, _ counter: CallCounter, _ folder: TemporaryFolder, _ cores: Cores
  ) throws -> CallCounts {
    let body = try folder.write(GRPCFrame.framed(request), to: "request")
    let client = try LoadGenerator(pinnedBy: cores.clientPrefix)
    var target = LoadGenerator.Target(url: "http://\(server.address)\(path)", body: body)
    // The first time everything is made that is kept.
    target.answerBytes = try client.run(load, at: target)
    let start = try counter.now()
    try client.run(load, at: target)
    return try counter.now().each(of: load.requests * messages, since: start)
  }
}
