internal import ArgumentParser

/// `dev bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build for release and run the benchmarks; arguments go to plenary-bench.",
    discussion: """
      Examples:

        swift run dev bench
        swift run dev bench list --rounds 9
        swift run dev bench say --tls
        swift run dev bench counts
      """)

  @Argument(parsing: .captureForPassthrough, help: "What plenary-bench is given.")
  var arguments: [String] = []

  func run() throws {
    try Bench.run(in: Checkout.enclosing(), arguments: arguments)
  }

  /// Programs as they are deployed: they hold the Swift libraries, so that calls into these are direct, and need none on the
  /// machine. They have a folder of their own, because other builds lie in `.build`.
  private static let folder = ".build-standalone"
  private static let build = ["-c", "release", "--static-swift-stdlib", "--scratch-path", folder]

  /// Does the work for this command and for those that include it.
  static func run(in checkout: Checkout, arguments: [String]) throws {
    try step("build for release") {
      for product in ["plenaryd", "plenary-harness", "grpc-testserver", "plenary-bench", "CCallCounter"] {
        try ChildProcess.run("swift", ["build"] + Self.build + ["--product", product], in: checkout)
      }
    }
    try ChildProcess.run(checkout.path("\(Self.folder)/release/plenary-bench"), arguments, in: checkout)
  }
}
