internal import ArgumentParser

/// `dev check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Format, lint, generate, test: run it before you commit.",
    discussion: """
      With --full it goes on with what is too long for CI: the tests under both
      sanitizers, and the benchmarks of a release build.

      Examples:

        swift run dev check
        swift run dev check --full
      """)

  @Flag(help: "Also run what is too long for CI.")
  var full = false

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") { try Bootstrap.prepare(checkout) }
    try step("format") { try Format.apply(to: checkout) }
    try step("lint") { try Lint.check(checkout) }
    try step("generate") { try Generate.run(in: checkout) }
    try Test.runSuites(of: checkout, filter: nil)
    guard full else { return }
    for sanitizer in Sanitizer.allCases {
      try step("\(sanitizer) sanitizer") { try Test.runSwift(of: checkout, filter: nil, sanitizer: sanitizer) }
    }
    try Bench.run(in: checkout, arguments: [])
  }
}
