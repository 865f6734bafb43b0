/// Below the daemon, clock, identifiers and randomness are passed in, so that tests decide them. Tests never wait.
enum PurityRules {
  /// The modules that `PlenaryDaemon` is made of.
  static let pure: Set = [
    "ProtobufRuntime", "HTTP2", "SocketTransport", "GRPCRuntime", "GRPCServices", "PlenaryStore", "PlenaryStoreSQLite",
    "PlenaryDomain", "PlenaryServices",
  ]

  /// Public ways into a library, which hand in the system's own clock and chance.
  static let doors: Set = [
    "Sources/GRPCRuntime/Client/GRPCChannel.swift", "Sources/GRPCRuntime/Server/GRPCServer.swift",
  ]

  static func check(_ file: SwiftText) -> [Violation] {
    let words: Set = [
      "Date", "UUID", "sleep", "usleep", "nanosleep", "SystemRandomNumberGenerator", "random", "disabled",
    ]
    return file.uses(of: words).compactMap { use in
      guard isCall(of: use.token.text, at: use.index, in: file) else { return nil }
      if file.isTest {
        guard ["sleep", "usleep", "nanosleep", "disabled"].contains(use.token.text) else { return nil }
        let remedy = "Wait for the event itself, or move the manual clock; a flaky test is mended or reverted"
        return Violation(path: file.path, line: use.token.line, rule: "\(use.token.text) in a test", remedy: remedy)
      }
      guard pure.contains(file.module), !doors.contains(file.path), use.token.text != "disabled" else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "\(use.token.text)() in \(file.module)",
        remedy: "Take the clock, the ids or the randomness as a parameter")
    }
  }

  /// `Date()` reads the clock while `Date(timeIntervalSince1970:)` does not; `.disabled(` is a trait of a test.
  private static func isCall(of word: String, at index: Int, in file: SwiftText) -> Bool {
    guard file.text(index + 1) == "(", file.text(index - 1) != "func" else { return false }
    return switch word {
    case "Date", "UUID", "SystemRandomNumberGenerator": file.text(index + 2) == ")"
    case "disabled": file.text(index - 1) == "."
    // A call of a function that was passed in, or one that takes a generator, decides nothing itself.
    case "random": file.text(index - 1) == "." && !hasGenerator(inCallAt: index, in: file)
    default: true
    }
  }

  private static func hasGenerator(inCallAt index: Int, in file: SwiftText) -> Bool {
    let end = (index..<file.tokens.count).first { file.tokens[$0].text == ")" } ?? file.tokens.count
    return file.tokens[index..<end].contains { $0.text == "using" }
  }
}
