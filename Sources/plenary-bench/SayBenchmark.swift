internal import ArgumentParser
internal import PlenaryClient
internal import TestProtos

/// `plenary-bench say`
struct SayBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "say",
    abstract: "kit.v1.Echo/Say of grpc-testserver: the runtime and the codec without a registry.",
    discussion: "The message is decoded and encoded; its text is as long as a record.")

  @Option(help: "Bytes of text in the message.")
  var bytes = 600

  @OptionGroup var programs: Programs
  @OptionGroup var tls: TLSOptions
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(bytes) else { throw ValidationError("--bytes must be from 1 to 1000000") }
  }

  func run() async throws {
    let cores = Cores()
    let measured = try MeasuredTestServer(programs, tls: tls, pinnedBy: cores.serverPrefix)
    defer { measured.stop() }
    let comparison = Comparison(
      title: "Say", server: measured.server, path: KitEchoDefinition.say.path, request: try Self.request(bytes: bytes),
      cores: cores, certificate: measured.certificate)
    output.print(try comparison.run(rounds))
  }

  /// The message to be echoed.
  static func request(bytes: Int) throws -> [UInt8] {
    try KitEchoMsg.with { $0.text = String(repeating: "x", count: bytes) }.serializedBytes()
  }
}
