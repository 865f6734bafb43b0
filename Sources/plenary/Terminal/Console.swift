internal import Foundation

/// Where a run writes: answers to the output, errors and progress to the side.
struct Console: Sendable {
  /// One of the two streams.
  struct Stream: Sendable {
    /// Writes bytes; what cannot be written is an error.
    let write: @Sendable ([UInt8]) throws -> Void
    /// Whether a person is looking at it.
    let isTerminal: Bool
    /// Whether emphasis is shown there.
    let style: TextStyle
  }

  let output: Stream
  let side: Stream
  /// The width of the output in cells, nil where there is no limit, as in a file or a pipe.
  let width: Int?
  /// Reads a line that a person types; nil if nobody is there to be asked.
  var readLine: (@Sendable () -> String?)?

  /// Prints lines of an answer.
  ///
  /// - Throws: a `Failure` if they cannot be written, as on a full disk.
  func print(_ lines: [String]) throws(Failure) {
    guard !lines.isEmpty else { return }
    try write(Array((lines.joined(separator: "\n") + "\n").utf8))
  }

  /// Writes bytes of an answer as they are.
  ///
  /// - Throws: a `Failure` if they cannot be written.
  func write(_ bytes: [UInt8]) throws(Failure) {
    do {
      try output.write(bytes)
    } catch  where FileFailure.isClosedPipe(error) {
      throw Failure(.outputClosed, "nobody reads the answer")
    } catch {
      throw Failure(.other, "cannot write the answer: \(FileFailure.reason(error))")
    }
  }

  /// Prints to the side.
  func note(_ text: String) {
    // An error there has nowhere to be told.
    try? side.write(Array((text + "\n").utf8))
  }
}

extension Console {
  /// The console of this process.
  static func standard(environment: [String: String]) -> Console {
    let width = TerminalSize.columns(environment: environment)
    var console = Console(
      output: .standard(.standardOutput, environment: environment),
      side: .standard(.standardError, environment: environment), width: width)
    if TerminalSize.isPersonPresent { console.readLine = { Swift.readLine() } }
    return console
  }
}

extension Console.Stream {
  fileprivate static func standard(_ handle: FileHandle, environment: [String: String]) -> Console.Stream {
    let isTerminal = TerminalSize.isTerminal(handle.fileDescriptor)
    // https://no-color.org: set to anything but the empty string.
    let wantsNone = environment["NO_COLOR", default: ""] != "" || environment["TERM"] == "dumb"
    return Console.Stream(
      write: { try handle.write(contentsOf: $0) }, isTerminal: isTerminal,
      style: TextStyle(isEnabled: isTerminal && !wantsNone, isolates: isTerminal))
  }
}
