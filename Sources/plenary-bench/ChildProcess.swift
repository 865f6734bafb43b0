internal import Foundation

/// A program that a benchmark starts, and ends by its process id.
final class ChildProcess {
  private let process = Process()
  private let output = Pipe()
  private var unread = Data()
  private let name: String

  /// Starts a program, its standard output going to us; the other output stays where ours goes, unless it is discarded.
  init(_ command: [String], named name: String, discardingErrors: Bool = false) throws {
    self.name = name
    process.executableURL = URL(filePath: "/usr/bin/env")
    // How we answer signals is not how the program shall.
    process.arguments = ["--default-signal=INT,TERM,HUP"] + command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    if discardingErrors { process.standardError = FileHandle.nullDevice }
    do { try process.run() } catch { throw Failure("cannot start \(name): \(error.localizedDescription)") }
    SignalRelay.shared.add(process.processIdentifier)
  }

  var processID: pid_t { process.processIdentifier }

  var isRunning: Bool { process.isRunning }

  /// The next line of its standard output, nil when there is no more.
  func nextLine() throws -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[unread.index(after: end)...]) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { return nil }
      unread += more
    }
  }

  /// All of its standard output, once it has ended well.
  func outputOfSuccess() throws -> String {
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let code = wait()
    guard code == 0 else { throw Failure("\(name) failed with exit code \(code)") }
    return text
  }

  /// Asks it to end, and waits until it has; returns its exit code.
  @discardableResult
  func stop() -> CInt {
    process.terminate()
    return wait()
  }

  /// Waits for its end and returns the exit code; when a signal ended it, 128 and the signal's number.
  func wait() -> CInt {
    process.waitUntilExit()
    SignalRelay.shared.remove(process.processIdentifier)
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }
}
