import Synchronization

@testable import plenary

/// A run of the CLI in this process whose output is kept.
struct CapturedRun {
  let status: ExitStatus
  let output: String
  let side: String

  init(
    _ arguments: [String], environment: [String: String] = [:], width: Int? = nil, isTerminal: Bool = false,
    answer: String? = nil
  ) async {
    let output = CapturedStream()
    let side = CapturedStream()
    var console = Console(
      output: output.stream(isTerminal: isTerminal), side: side.stream(isTerminal: isTerminal), width: width)
    if let answer { console.readLine = { answer } }
    // With all the other tests beside it, a call can have to wait for longer than a person would.
    let patience = environment["PLENARY_SERVER"] == nil || arguments.contains("--timeout") ? [] : ["--timeout", "20m"]
    status = await CommandRun(console: console, environment: environment).run(patience + arguments)
    self.output = output.text
    self.side = side.text
  }
}

private final class CapturedStream: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func stream(isTerminal: Bool) -> Console.Stream {
    Console.Stream(
      write: { [self] written in bytes.withLock { $0 += written } }, isTerminal: isTerminal,
      style: TextStyle(isEnabled: false, isolates: isTerminal))
  }

  var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
