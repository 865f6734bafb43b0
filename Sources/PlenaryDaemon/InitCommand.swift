internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import PlenaryDomain
internal import PlenaryStoreSQLite

/// `plenaryd init`
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make the first administrator of a registry whose daemon is stopped, and print its token once.",
    discussion: """
      Only a digest of the token is kept, so it cannot be printed again. With it,
      `plenary client create` makes the other clients; auth.required makes the
      daemon ask for tokens. With --force an administrator whose token is lost
      gets another one, and the tokens before are taken back.

      Examples:

        plenaryd init --data /var/lib/plenary
        plenaryd init --data /var/lib/plenary --token-file admin.token
      """)

  @Option(help: ArgumentHelp("The id of the client.", valueName: "id"))
  var clientID = "admin"

  @Option(
    help: ArgumentHelp("Write the token to a new file of this user alone, and do not print it.", valueName: "file"))
  var tokenFile: String?

  @Flag(help: "Give a client that is there another token, and make it an administrator.")
  var force = false

  @OptionGroup
  var options: UpkeepOptions

  func run() async throws {
    umask(0o077)
    let directory = try options.directory()
    let configuration = DaemonConfiguration(listen: [], data: .directory(directory))
    let registry = try await OpenRegistry(
      configuration, logger: Logger(label: "plenaryd") { _ in SwiftLogNoOpLogHandler() },
      additions: RegistryAdditions())
    let made: Result<(name: String, token: String), DaemonFailure>
    do throws(DaemonFailure) {
      made = .success(try await administrator(in: registry))
    } catch {
      made = .failure(error)
    }
    await registry.drain()
    await registry.close()
    let (name, token) = try made.get()
    if let tokenFile {
      try write(token, to: tokenFile)
      return try options.print(
        [("client", name), ("tokenFile", tokenFile)],
        text: ["\(name) is an administrator; its token is in \(tokenFile)"])
    }
    try options.print(
      [("client", name), ("token", token)],
      text: ["\(name) is an administrator; its token, which is not shown again:", token])
  }

  private func administrator(in registry: OpenRegistry) async throws(DaemonFailure) -> (name: String, token: String) {
    if let first = registry.directory.administrators.first, !force {
      throw DaemonFailure(
        .failed,
        "\(first) is an administrator already; ask it for a client, or give it another token with --force --client-id "
          + String(first.dropFirst("clients/".count)))
    }
    if let tokenFile, FileManager.default.fileExists(atPath: tokenFile) {
      throw DaemonFailure(.failed, "\(tokenFile) is there already; name a new file")
    }
    let name = "clients/\(clientID)"
    do throws(DomainError) {
      return (name, try await registry.registry.makeAdministrator(name, takingBackTokens: force))
    } catch {
      throw DaemonFailure(.failed, error.message)
    }
  }

  /// Writes a token where only the user can read it.
  private func write(_ token: String, to path: String) throws(DaemonFailure) {
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data("\(token)\n".utf8), attributes: [.posixPermissions: 0o600])
    else {
      throw DaemonFailure(
        .failed,
        "the token cannot be written to \(path); mend that, and get another one with --force --client-id \(clientID)")
    }
  }
}
