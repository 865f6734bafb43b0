internal import ArgumentParser

/// `dev bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build for release and run the benchmarks; arguments go to plenary-bench.",
    discussion: """
      Example:

        swift run dev bench
      """)

  @Argument(parsing: .captureForPassthrough, help: "What plenary-bench is given.")
  var arguments: [String] = []

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("build for release") {
      for product in ["plenaryd", "plenary-bench"] {
        try ChildProcess.run("swift", ["build", "-c", "release", "--product", product], in: checkout)
      }
    }
    try ChildProcess.run(checkout.product("plenary-bench", configuration: "release"), arguments, in: checkout)
  }
}
