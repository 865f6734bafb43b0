internal import ArgumentParser
internal import Foundation
internal import ProtobufRuntime

/// The program `plenaryd`.
package enum DaemonProgram {
  /// Does what the arguments say, and ends the process.
  package static func run(_ arguments: [String]) async -> Never {
    Foundation.exit(await DaemonCommand.run(arguments))
  }
}

/// The command line of `plenaryd`.
struct DaemonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plenaryd",
    abstract: "Keeps a registry of dialogues and serves it over gRPC.",
    discussion: """
      Examples:

        plenaryd run
        plenaryd run --listen unix:/run/plenary/plenary.sock --data /var/lib/plenary
        plenaryd run --listen 127.0.0.1:0 --data :memory:
        plenaryd run --follow leader.example:7443 --data /var/lib/plenary
        plenaryd init --data /var/lib/plenary

      Exit codes: 0 ok, 1 cannot start, 2 usage, 70 the store failed while it was open.
      """,
    version: "plenaryd \(Version.current)",
    subcommands: [
      RunCommand.self, InitCommand.self, ValidateCommand.self, BackupCommand.self, VerifyCommand.self,
      RestoreCommand.self, PromoteCommand.self, VersionCommand.self,
    ])

  static var _errorPrefix: String { "error: " }

  /// Does what the arguments say, and returns how the process is to end.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      try checkVerb(arguments)
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as DaemonFailure {
      tell("error: \(failure)")
      return failure.status.rawValue
    } catch {
      return report(error)
    }
  }

  /// Tells what the argument parser found: help that was asked for, or what is wrong with the arguments.
  private static func report(_ error: any Error) -> Int32 {
    let text = fullMessage(for: error)
    guard exitCode(for: error) == .success else {
      tell(text)
      return DaemonFailure.ExitStatus.usage.rawValue
    }
    print(text)
    return 0
  }

  /// Finds a verb that does not exist before the parser does, which has no suggestion for it.
  private static func checkVerb(_ arguments: [String]) throws(DaemonFailure) {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help" else { return }
    let verbs = configuration.subcommands.map { $0._commandName }
    guard !verbs.contains(word) else { return }
    throw DaemonFailure(
      .usage,
      "'plenaryd' has no verb '\(word)'\(Suggestion.hint(for: word, among: verbs)); verbs: \(verbs.joined(separator: ", "))"
    )
  }

  private static func tell(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
