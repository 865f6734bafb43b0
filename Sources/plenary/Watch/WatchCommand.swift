internal import Foundation
internal import ProcessSpawn

/// A command of the user that is run for each change.
struct WatchCommand: Sendable {
  private let command: String
  private let environment: [String: String]

  init(_ command: String, environment: [String: String]) {
    self.command = command
    self.environment = environment
  }

  /// Runs it with a line in its input, and waits for its end. What it prints goes where ours goes.
  ///
  /// - Throws: a `Failure` with its exit code if that is not 0.
  func run(with line: String) async throws {
    let input = Pipe()
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.environment = environment.map { "\($0)=\($1)" }
    surroundings.files = [input.fileHandleForReading.fileDescriptor, STDOUT_FILENO, STDERR_FILENO]
    let process: SpawnedProcess
    do {
      process = try SpawnedProcess("/bin/sh", ["-c", command], in: surroundings)
    } catch {
      throw Failure(.other, "\(error)")
    }
    // It need not read its input: whether it does what it is to do, its exit code says.
    try? input.fileHandleForReading.close()
    try? input.fileHandleForWriting.write(contentsOf: Array((line + "\n").utf8))
    try? input.fileHandleForWriting.close()
    // What a shell says of a program that a signal has ended.
    let code =
      switch await process.end() {
      case .exit(let code): code
      case .signal(let number): 128 + number
      }
    guard code != 0 else { return }
    throw Failure(ExitStatus(rawValue: code), "the command failed with \(code)", advice: "see what it says above")
  }
}
