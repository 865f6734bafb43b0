internal import ArgumentParser

/// `dev check`
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Format, lint, generate, test: run it before you commit.",
    discussion: """
      With --full it also does what is too long for CI: clients in Java and Go,
      a soak of some minutes, the tests under both sanitizers, and the
      benchmarks of a release build, and counts what calls cost there.

      Examples:

        swift run dev check
        swift run dev check --full
      """)

  @Flag(help: "Also run what is too long for CI.")
  var full = false

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") {
      try Bootstrap.prepare(checkout)
      if full { try SystemPackages.install(SystemPackages.neededInFull, in: checkout) }
    }
    try step("format") { try Format.apply(to: checkout) }
    try step("lint") { try Lint.check(checkout) }
    try step("generate") { try Generate.run(in: checkout) }
    try Test.runSuites(of: checkout, filter: nil, full: full)
    guard full else { return }
    for sanitizer in Sanitizer.allCases {
      try step("\(sanitizer) sanitizer") { try Test.runSwift(of: checkout, filter: nil, sanitizer: sanitizer) }
    }
    try Bench.run(in: checkout, arguments: [])
    try Bench.run(in: checkout, arguments: ["counts"])
  }
}
