internal import Foundation

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
    let process = Process()
    // What ends a watch, and what is ignored here for the sake of sockets, is for the command as for any other.
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["--default-signal=INT,TERM,PIPE", "/bin/sh", "-c", command]
    process.environment = environment
    let input = Pipe()
    process.standardInput = input
    let code = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { process in
        // What a shell says of a program that a signal has ended.
        let code = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        continuation.resume(returning: code)
      }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        return continuation.resume(throwing: Failure(.other, "cannot start /bin/sh: \(error.localizedDescription)"))
      }
      // It need not read its input: whether it does what it is to do, its exit code says.
      try? input.fileHandleForReading.close()
      try? input.fileHandleForWriting.write(contentsOf: Array((line + "\n").utf8))
      try? input.fileHandleForWriting.close()
    }
    guard code != 0 else { return }
    throw Failure(ExitStatus(rawValue: code), "the command failed with \(code)", advice: "see what it says above")
  }
}
