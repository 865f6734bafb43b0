internal import Foundation

/// The Python environment of the foreign clients in the tests: `.build/venv`, from `Tests/requirements.txt`.
enum PythonEnvironment {
  private static let requirements = "Tests/requirements.txt"
  private static let folder = ".build/venv"
  /// A copy of the requirements that the environment was made from, written when it is complete.
  private static let stamp = ".build/venv/requirements.installed"

  static func install(in checkout: Checkout) throws {
    let wanted = try Data(contentsOf: checkout.root.appending(path: requirements))
    // No stamp is the usual state of a fresh checkout.
    let installed = try? Data(contentsOf: checkout.root.appending(path: stamp))
    guard installed != wanted else { return }
    say("    making \(folder) from \(requirements)")
    try ChildProcess.run("python3", ["-m", "venv", "--clear", folder], in: checkout)
    try ChildProcess.run(
      checkout.python("pip"),
      ["install", "--quiet", "--disable-pip-version-check", "--requirement", requirements], in: checkout)
    try wanted.write(to: checkout.root.appending(path: stamp))
  }
}
