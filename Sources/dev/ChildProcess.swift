internal import Foundation

/// A program that a command starts, watches and ends by its process id.
///
/// Foundation gives each child a process group of its own, so the terminal's Ctrl-C reaches only `dev`; the relay sends
/// it on, and nothing is left behind.
final class ChildProcess {
  private let process = Process()
  private let name: String

  /// Prepares a program; it is looked up in PATH unless its name holds a slash.
  init(_ program: String, _ arguments: [String], in checkout: Checkout, environment: [String: String] = [:]) {
    name = program.split(separator: "/").last.map(String.init) ?? program
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT,TERM,HUP", program] + arguments
    process.currentDirectoryURL = checkout.root
    // A crash under a pipe would otherwise leave the backtracer holding that pipe for minutes.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { _, ours in ours }
      .merging(environment) { _, asked in asked }
    process.standardInput = FileHandle.nullDevice
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
    if discardingErrors { child.process.standardError = FileHandle.nullDevice }
    let output = child.pipeOutput()
    try child.start()
    let bytes = try output.readToEnd() ?? Data()
    return (String(decoding: bytes, as: UTF8.self), child.wait())
  }

  /// The reading end of the child's standard output; ask before `start`.
  func pipeOutput() -> FileHandle {
    let pipe = Pipe()
    process.standardOutput = pipe
    return pipe.fileHandleForReading
  }

  func start() throws {
    do { try process.run() } catch { throw Failure("cannot start \(name): \(error.localizedDescription)") }
    SignalRelay.shared.add(process.processIdentifier)
  }

  var processID: Int32 { process.processIdentifier }

  /// Asks the child to stop, as a supervisor would.
  func terminate() { process.terminate() }

  /// Waits for the end and returns the exit code; a child that a signal ended has 128 and the signal's number.
  func wait() -> Int32 {
    process.waitUntilExit()
    SignalRelay.shared.remove(process.processIdentifier)
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  func waitForSuccess() throws {
    let code = wait()
    guard code == 0 else { throw Failure("\(name) failed with exit code \(code)") }
  }
}
