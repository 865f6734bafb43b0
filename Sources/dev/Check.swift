internal import ArgumentParser

/// `dev check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Format, lint, generate, test: run it before you commit.")

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") { try Bootstrap.prepare(checkout) }
    try step("format") { try Format.apply(to: checkout) }
    try step("lint") { try Lint.check(checkout) }
    try step("generate") { try Generate.run(in: checkout) }
    try Test.runSuites(of: checkout, filter: nil)
  }
}
