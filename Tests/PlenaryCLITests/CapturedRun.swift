import Synchronization

@testable import plenary

/// A run of the CLI in this process whose output is kept.
struct CapturedRun {
  let status: ExitStatus
  let output: String
  let side: String

  init(_ arguments: [String], environment: [String: String] = [:], width: Int? = nil) async {
    let output = CapturedStream()
    let side = CapturedStream()
    let console = Console(output: output.stream, side: side.stream, width: width)
    status = await CommandRun(console: console, environment: environment).run(arguments)
    self.output = output.text
    self.side = side.text
  }
}

private final class CapturedStream: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  var stream: Console.Stream {
    Console.Stream(
      write: { [self] written in bytes.withLock { $0 += written } }, isTerminal: false, style: .plain)
  }

  var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
