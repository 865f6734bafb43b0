import Foundation
import Testing

@testable import plenary

/// Where the token comes from that says who calls, and where it does not go.
@Suite(.timeLimit(.minutes(10))) struct TokenOptionTests {
  private static let token = "plen_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfgq8qskeg"

  private func list(_ arguments: String..., environment: [String: String] = [:]) async -> CapturedRun {
    await CapturedRun(["list", "themes"] + arguments, environment: environment)
  }

  @Test func `a file that cannot be read is named`() async {
    let run = await list("--token-file", "/nowhere/desk.token")
    #expect(run.status == .usage && run.side.contains("cannot read /nowhere/desk.token"))
  }

  @Test func `what is no token is neither sent nor shown`() async {
    for text in ["hunter2", "", " ", "Bearer \(Self.token)", "\(Self.token)\nhunter2"] {
      let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).token").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let mode = [FileAttributeKey.posixPermissions: 0o600]
      #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: mode))
      let run = await list("--token-file", path)
      #expect(run.status == .usage && run.side.contains("there is no token in \(path)"), "\(run.side)")
      #expect(!run.side.contains("hunter2") && !run.side.contains(Self.token))
    }
    let run = await list(environment: ["PLENARY_TOKEN": "hunter2"])
    #expect(run.status == .usage && run.side.contains("there is no token in PLENARY_TOKEN"))
    #expect(!run.side.contains("hunter2"))
  }

  @Test func `a token is not sent to another machine in clear`() async {
    let run = await list("--server", "registry.example:7443", environment: ["PLENARY_TOKEN": Self.token])
    #expect(run.status == .usage && run.side.contains("without TLS") && !run.side.contains(Self.token))
  }

  @Test func `a file that is asked for counts more than what is set`() async {
    let run = await list("--token-file", "/nowhere/desk.token", environment: ["PLENARY_TOKEN": Self.token])
    #expect(run.side.contains("/nowhere/desk.token"))
  }

  @Test func `it has to be said which token is taken back, and a file that is there is not written over`() async {
    let both = await CapturedRun(["client", "revoke", "desk", "--token-id", "x", "--all"])
    let neither = await CapturedRun(["client", "revoke", "desk"])
    #expect(both.status == .usage && neither.status == .usage)
    let run = await CapturedRun(["client", "create", "desk", "--token-out", "/etc/hostname"])
    #expect(run.status == .usage && run.side.contains("/etc/hostname is there already"))
  }
}
