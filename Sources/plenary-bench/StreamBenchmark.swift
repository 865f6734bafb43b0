internal import ArgumentParser
internal import PlenaryClient
internal import TestProtos

/// `plenary-bench stream`
struct StreamBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "kit.v1.Echo/Stream of grpc-testserver: what one more message costs.",
    discussion: """
      Each call is answered with many small messages. Figures are for one of
      them; --requests counts messages.
      """)

  @Option(help: "Messages in the answer to one call.")
  var messages: Int32 = 1000

  @Option(help: "Bytes in the blob of each message.")
  var bytes: Int32 = 100

  @OptionGroup var programs: Programs
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(messages) else { throw ValidationError("--messages must be from 1 to 1000000") }
    guard (0...1_000_000).contains(bytes) else { throw ValidationError("--bytes must be from 0 to 1000000") }
  }

  func run() async throws {
    let cores = Cores()
    let measured = try MeasuredTestServer(programs, pinnedBy: cores.serverPrefix)
    defer { measured.stop() }
    var rounds = rounds
    // A message is far less work than a call, so there are ten times as many; every connection gets some calls.
    rounds.requests = max(rounds.requests * 10 / Int(messages), 256)
    let comparison = Comparison(
      title: "Stream", server: measured.server, path: KitEchoDefinition.stream.path,
      request: try Self.request(messages: messages, bytes: bytes), messages: Int(messages), cores: cores)
    output.print(try comparison.run(rounds))
  }

  /// The message that asks for so many.
  static func request(messages: Int32, bytes: Int32) throws -> [UInt8] {
    try KitBigMsg.with {
      $0.count = messages
      $0.size = bytes
    }.serializedBytes()
  }
}
