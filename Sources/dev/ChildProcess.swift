internal import Dispatch
internal import Foundation
internal import ProcessSpawn

/// A program that a command starts, watches and ends by its process id.
///
/// Each child has a process group of its own, so the terminal's Ctrl-C reaches only `dev`; the relay sends it on, and
/// nothing is left behind.
final class ChildProcess {
  private let name: String
  private let words: [String]
  private var surroundings = SpawnedProcess.Surroundings()
  private var process: SpawnedProcess?

  /// The ends of pipes that are the child's alone once it has started.
  private var itsEnds: [FileHandle] = []

  /// Prepares a program; it is looked up in PATH unless its name holds a slash.
  init(_ program: String, _ arguments: [String], in checkout: Checkout, environment: [String: String] = [:]) {
    name = program.split(separator: "/").last.map(String.init) ?? program
    words = [program] + arguments
    surroundings.folder = checkout.root.path
    // A crash under a pipe would otherwise leave the backtracer holding that pipe for minutes.
    surroundings.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { _, ours in ours }
      .merging(environment) { _, asked in asked }
      .map { "\($0)=\($1)" }
    surroundings.files = [nil, STDOUT_FILENO, STDERR_FILENO]
    surroundings.hasOwnGroup = true
  }

  /// Runs a program to its end, its output going where ours goes.
  static func run(
    _ program: String, _ arguments: [String], in checkout: Checkout, environment: [String: String] = [:]
  ) throws {
    let child = ChildProcess(program, arguments, in: checkout, environment: environment)
    try child.start()
    try child.waitForSuccess()
  }

  /// What a program prints on its standard output; its exit code is the caller's to judge.
  static func output(
    of program: String, _ arguments: [String], in checkout: Checkout, discardingErrors: Bool = false
  ) throws -> (text: String, exitCode: Int32) {
    let child = ChildProcess(program, arguments, in: checkout)
    if discardingErrors { child.surroundings.files[2] = nil }
    let output = child.pipeOutput()
    try child.start()
    let bytes = try output.readToEnd() ?? Data()
    return (String(decoding: bytes, as: UTF8.self), child.wait())
  }

  /// Runs a program to its end and hands on, line by line, what it prints on its standard output and error.
  ///
  /// A process that it leaves behind may hold its pipe: that is not waited for longer than `leftoverWait`.
  static func run(
    _ program: String, _ arguments: [String], in checkout: Checkout, eachLine: @escaping @Sendable (String) -> Void
  ) throws {
    let child = ChildProcess(program, arguments, in: checkout)
    let output = child.pipeOutput()
    child.surroundings.files[2] = child.surroundings.files[1]
    try child.start()
    let end = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      var lines = LineSplitter()
      while case let bytes = output.availableData, !bytes.isEmpty { lines.take(bytes, eachLine) }
      lines.finish(eachLine)
      end.signal()
    }
    let code = child.wait()
    _ = end.wait(timeout: .now() + leftoverWait)
    guard code == 0 else { throw Failure("\(child.name) failed with exit code \(code)") }
  }

  /// How long the output of a program is read after its end, in seconds.
  private static let leftoverWait = 10.0

  /// The reading end of the child's standard output; ask before `start`.
  func pipeOutput() -> FileHandle {
    let pipe = Pipe()
    surroundings.files[1] = pipe.fileHandleForWriting.fileDescriptor
    itsEnds.append(pipe.fileHandleForWriting)
    return pipe.fileHandleForReading
  }

  func start() throws {
    let process: SpawnedProcess
    do {
      process = try SpawnedProcess("/usr/bin/env", words, in: surroundings)
    } catch {
      throw Failure("cannot start \(name): \(error)")
    }
    SignalRelay.shared.add(process.id)
    self.process = process
    for end in itsEnds { try end.close() }
  }

  /// The number of the process; 0 before it has started.
  var processID: Int32 { process?.id ?? 0 }

  /// Asks the child to stop, as a supervisor would.
  func terminate() { process?.kill(SIGTERM) }

  /// Waits for the end and returns the exit code; a child that a signal ended has 128 and the signal's number.
  func wait() -> Int32 {
    guard let process else { return 0 }
    let ending = process.wait()
    SignalRelay.shared.remove(process.id)
    return switch ending {
    case .exit(let code): code
    case .signal(let number): 128 + number
    }
  }

  func waitForSuccess() throws {
    let code = wait()
    guard code == 0 else { throw Failure("\(name) failed with exit code \(code)") }
  }
}

/// Makes lines of bytes that come in pieces.
private struct LineSplitter {
  private var rest = Data()

  mutating func take(_ bytes: Data, _ eachLine: (String) -> Void) {
    rest.append(bytes)
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      eachLine(String(decoding: rest[..<end], as: UTF8.self))
      rest = Data(rest[(end + 1)...])
    }
  }

  /// The last line has no end where a program was ended.
  mutating func finish(_ eachLine: (String) -> Void) {
    if !rest.isEmpty { eachLine(String(decoding: rest, as: UTF8.self)) }
    rest = Data()
  }
}
