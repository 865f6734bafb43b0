/// Constructs that stop the process, hide a failure or leave memory safety: refused, or allowed where a comment says why.
enum SafetyRules {
  /// Where C is met, and so where `unsafe` may stand; a path or the folder above it.
  static let unsafePlaces = [
    "Sources/HTTP2/", "Sources/ProtobufRuntime/", "Sources/SocketTransport/", "Sources/PlenaryStoreSQLite/",
    "Sources/GRPCRuntime/Call/Gzip.swift", "Sources/ProcessSpawn/",
    "Sources/protoc-gen-plenary-swift/DescriptorReader.swift", "Sources/plenary-bench/",
    "Sources/plenary/Terminal/TerminalSize.swift", "Sources/plenary/Files/FileRename.swift",
    "Sources/plenary-harness/Endings.swift",
  ]

  static func check(_ file: SwiftText) -> [Violation] {
    guard !file.isTest else { return [] }
    return traps(in: file) + hiddenFailures(in: file) + unsafety(in: file) + looseTasks(in: file)
  }

  /// `try!`, `as!`, `!` after a value, implicitly unwrapped types.
  private static func traps(in file: SwiftText) -> [Violation] {
    file.uses(of: ["!"]).compactMap { use in
      let before = file.text(use.index - 1)
      let isAfterValue =
        use.token.isGlued && (before.last.map { $0.isLetter || $0.isNumber || ")]}\"`_".contains($0) } ?? false)
      guard isAfterValue, file.text(use.index + 1) != "=" else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "\(before)! can stop the process",
        remedy: "Bind it, throw, or state the bug in a precondition")
    }
  }

  /// An empty `catch`, and a `try?` that nobody explained.
  private static func hiddenFailures(in file: SwiftText) -> [Violation] {
    let emptyCatches = file.uses(of: ["catch"]).compactMap { use -> Violation? in
      guard let open = (use.index..<file.tokens.count).first(where: { file.tokens[$0].text == "{" }),
        file.text(open + 1) == "}"
      else { return nil }
      // One outcome may be named and ignored, if the body says why.
      let namesOutcome = open > use.index + 1
      if namesOutcome, file.hasComment(in: file.tokens[open].line...file.tokens[open + 1].line) { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "empty catch", remedy: "Handle the error or let it pass on")
    }
    let silentTries = file.uses(of: ["try"]).compactMap { use -> Violation? in
      guard file.text(use.index + 1) == "?", file.tokens[use.index + 1].isGlued else { return nil }
      let isExplained = (max(1, use.token.line - 2)...use.token.line).contains { file.isCommented(at: $0) }
      return isExplained
        ? nil
        : Violation(
          path: file.path, line: use.token.line, rule: "try? without a reason",
          remedy: "Say in a comment why the failure is uninteresting, or handle it")
    }
    return emptyCatches + silentTries
  }

  private static func unsafety(in file: SwiftText) -> [Violation] {
    let isAllowed = unsafePlaces.contains { file.path.hasPrefix($0) }
    /// Functions and types already complained about: one comment mends all uses in them.
    var complained: Set<Int> = []
    return file.uses(of: ["unsafe", "@unsafe", "@unchecked"]).compactMap { use in
      guard file.text(use.index + 1) != ":" else { return nil }
      let isConformance = use.token.text == "@unchecked"
      let word = isConformance ? "@unchecked Sendable" : "unsafe"
      let place = file.declarations.last { $0.lines.contains(use.token.line) }?.lines.lowerBound ?? use.token.line
      guard isAllowed else {
        guard complained.insert(place).inserted else { return nil }
        return Violation(
          path: file.path, line: use.token.line, rule: "\(word) in \(file.module)",
          remedy: "It is allowed only where C is met; find the safe construct")
      }
      let mark = isConformance ? "SENDABLE:" : "SAFETY:"
      guard !file.isCovered(by: mark, at: use.token.line), complained.insert(place).inserted else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "\(word) without a \(mark) comment",
        remedy: "State the invariant and who keeps it, over the use, its function or its type")
    }
  }

  /// Where work may start that no caller waits for: a handler's task, which its connection ends; a connection's attempt,
  /// which a timeout ends; and the daemon.
  static let taskStarters = [
    "Sources/GRPCRuntime/Server/ServerCall.swift", "Sources/GRPCRuntime/Client/ChannelCore.swift",
    "Sources/PlenaryDaemon/",
  ]

  private static func looseTasks(in file: SwiftText) -> [Violation] {
    let isAllowed = taskStarters.contains { file.path.hasPrefix($0) }
    return file.uses(of: ["Task", "@MainActor"]).compactMap { use in
      let next = file.text(use.index + 1)
      let starts = next == "{" || next == "." && ["detached", "immediate"].contains(file.text(use.index + 2))
      guard use.token.text == "@MainActor" || starts && !isAllowed else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "\(use.token.text) of its own",
        remedy: "Work belongs to a task group or to the call that asked for it")
    }
  }
}
