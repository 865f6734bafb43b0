/// Below the daemon, clock, identifiers and randomness are passed in, so that tests decide them. Tests never wait.
enum PurityRules {
  /// The modules that `PlenaryDaemon` is made of.
  static let pure: Set = [
    "ProtobufRuntime", "HTTP2", "SocketTransport", "GRPCRuntime", "GRPCServices", "PlenaryStore", "PlenaryStoreSQLite",
    "PlenaryDomain", "PlenaryServices", "TextFormats",
  ]

  /// The files of these modules that ask the system all the same, and what for. Nothing of it gets into a record: it is
  /// how long things take, whether a certificate is out of date, and a name of a directory that is free.
  static let doors: [String: Set<String>] = [
    // Public ways into a library, which hand in the system's own clock and chance.
    "Sources/GRPCRuntime/Client/GRPCChannel.swift": ["random"],
    "Sources/GRPCRuntime/Server/GRPCServer.swift": ["random"],
    // The system's clock of time that passes, in the form that is passed in.
    "Sources/GRPCRuntime/Call/RuntimeClock.swift": ["NIODeadline"],
    "Sources/SocketTransport/HTTP2Connection.swift": ["NIODeadline"],
    "Sources/SocketTransport/HTTP2Connector.swift": ["NIODeadline"],
    "Sources/PlenaryStoreSQLite/SQLiteStore+Configuration.swift": ["clock_gettime"],
    // Certificates are out of date by the clock of the machine, whatever the registry's says.
    "Sources/SocketTransport/TLS/TLSServerCredentials.swift": ["time"],
    "Sources/PlenaryStoreSQLite/Directory/MemoryDirectories.swift": ["mkstemps"],
  ]

  private static let waits: Set = ["sleep", "usleep", "nanosleep", "disabled"]

  /// What asks the system for the time, for an identifier or for chance.
  private static let questions: Set = [
    "Date", "UUID", "time", "clock_gettime", "gettimeofday", "ContinuousClock", "SuspendingClock", "DispatchTime",
    "DispatchWallTime", "NIODeadline", "SystemRandomNumberGenerator", "random", "randomElement", "shuffled", "shuffle",
    "getrandom", "getentropy", "arc4random", "arc4random_uniform", "arc4random_buf", "rand", "drand48", "mkstemp",
    "mkstemps", "mkdtemp",
  ]

  static func check(_ file: SwiftText) -> [Violation] {
    file.uses(of: waits.union(questions)).compactMap { use in
      let word = use.token.text
      guard asks(word, at: use.index, in: file) else { return nil }
      if file.isTest {
        guard waits.contains(word) else { return nil }
        let remedy = "Wait for the event itself, or move the manual clock; a flaky test is mended or reverted"
        return Violation(path: file.path, line: use.token.line, rule: "\(word) in a test", remedy: remedy)
      }
      guard pure.contains(file.module), doors[file.path]?.contains(word) != true, word != "disabled" else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "\(word) in \(file.module)",
        remedy: "Take the clock, the ids or the randomness as a parameter")
    }
  }

  /// What the files among the doors are allowed to ask and do not: that list only shrinks.
  static func idleDoors(in files: [SwiftText]) -> [String] {
    doors.flatMap { path, words in
      let used = files.first { $0.path == path }.map { file in
        Set(file.uses(of: words).filter { asks($0.token.text, at: $0.index, in: file) }.map(\.token.text))
      }
      return words.subtracting(used ?? []).map { "\(path) \($0)" }
    }.sorted()
  }

  /// `Date()` and `Date.now` read the clock while `Date(timeIntervalSince1970:)` does not; `.disabled(` is a trait of a
  /// test.
  private static func asks(_ word: String, at index: Int, in file: SwiftText) -> Bool {
    let isNow = file.text(index + 1) == "." && file.text(index + 2) == "now"
    let isCall = file.text(index + 1) == "(" && file.text(index - 1) != "func"
    return switch word {
    case "Date", "UUID", "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock":
      isNow || isCall && file.text(index + 2) == ")"
    case "DispatchTime", "DispatchWallTime", "NIODeadline": isNow
    // `time(nil)` of the C library, and no function of ours.
    case "time": isCall && file.text(index + 2) == "nil"
    case "disabled": isCall && file.text(index - 1) == "."
    // A call of a function that was passed in, or one that takes a generator, decides nothing itself.
    case "random", "randomElement", "shuffled", "shuffle":
      isCall && file.text(index - 1) == "." && !hasGenerator(inCallAt: index, in: file)
    default: isCall
    }
  }

  private static func hasGenerator(inCallAt index: Int, in file: SwiftText) -> Bool {
    let end = (index..<file.tokens.count).first { file.tokens[$0].text == ")" } ?? file.tokens.count
    return file.tokens[index..<end].contains { $0.text == "using" }
  }
}
