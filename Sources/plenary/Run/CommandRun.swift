internal import ArgumentParser

/// One run of the CLI, from its arguments to its exit status.
struct CommandRun {
  let console: Console
  let environment: [String: String]

  /// Does what the arguments say, and tells errors on the console.
  func run(_ arguments: [String]) async -> ExitStatus {
    do {
      try VerbCheck.check(arguments, of: Plenary.self)
      var command = try Plenary.parseAsRoot(arguments)
      guard let verb = command as? any Verb else {
        // The help that was asked for, or that of a word which needs another one behind it, comes as an error.
        try command.run()
        return .ok
      }
      try await run(verb)
      return .ok
    } catch let failure as Failure {
      // Whoever stopped reading knows it, and wants to hear no more.
      if failure.status != .outputClosed, failure != .somethingDiffers { console.note(failure.text) }
      return failure.status
    } catch {
      return report(error)
    }
  }

  /// Does what a verb does.
  ///
  /// - Throws: a `Failure`, whatever went wrong.
  private func run(_ verb: any Verb) async throws(Failure) {
    do {
      try await verb.run(in: Session(console: console, environment: environment, options: verb.global))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.other, TerminalText.oneLine("\(error)"))
    }
  }

  /// Tells what the argument parser found: help that was asked for, or what is wrong with the arguments.
  private func report(_ error: any Error) -> ExitStatus {
    let text = Plenary.fullMessage(for: error)
    guard Plenary.exitCode(for: error) == .success else {
      console.note(text)
      return .usage
    }
    do {
      try console.print([text])
      return .ok
    } catch {
      console.note(error.text)
      return error.status
    }
  }
}
