internal import ArgumentParser

/// `dev bootstrap`
struct Bootstrap: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make this machine ready: system packages, the Python of the tests, the git hooks.",
    discussion: """
      Safe to run again: what is there is left alone. Installs Debian packages
      when run as root; otherwise it prints the one line to run. Everything
      else goes into .build.
      """)

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") { try Bootstrap.prepare(checkout) }
  }

  /// Does the work for this command and for those that begin with it.
  static func prepare(_ checkout: Checkout) throws {
    try Toolchain.check(in: checkout)
    try SystemPackages.install(in: checkout)
    try PythonEnvironment.install(in: checkout)
    try useGitHooks(of: checkout)
  }

  private static func useGitHooks(of checkout: Checkout) throws {
    // A copy without git, an unpacked archive say, has no commits to guard.
    guard checkout.exists(".git") else { return }
    try ChildProcess.run("git", ["config", "core.hooksPath", ".githooks"], in: checkout)
  }
}
