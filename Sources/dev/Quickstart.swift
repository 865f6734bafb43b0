internal import ArgumentParser

/// `dev quickstart`: the README's first command.
struct Quickstart: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "See it work: build, start plenaryd, import the example dialogues and show them.",
    discussion: """
      The daemon keeps its data under .build/quickstart and serves until Ctrl-C.
      In another terminal the CLI finds it at its default address:

        swift run dev quickstart
        .build/debug/plenary list dialogues

      A second quickstart uses the daemon that the first one started.
      """)

  @Option(help: "Where the daemon listens; the CLI looks at the default.")
  var listen = "127.0.0.1:7443"

  @Flag(help: "Stop the daemon at the end instead of serving on.")
  var exit = false

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") { try Bootstrap.prepare(checkout) }
    try step("build") {
      for product in ["plenaryd", "plenary"] {
        try ChildProcess.run("swift", ["build", "--product", product], in: checkout)
      }
    }
    let daemon = try step("plenaryd") { try LocalDaemon.reusingOrStarting(in: checkout, listen: listen) }
    do {
      try showExample(servedAt: daemon.address, in: checkout)
    } catch {
      daemon.stop()
      throw error
    }
    guard daemon.isOurs else { return }
    if exit {
      daemon.stop()
    } else {
      say("\nplenaryd serves at \(daemon.address) until Ctrl-C. In another terminal:")
      say("  .build/debug/plenary list dialogues")
      say("  .build/debug/plenary describe dialogue asia-ict-ct-3")
      daemon.wait()
    }
  }

  private func showExample(servedAt address: String, in checkout: Checkout) throws {
    let plenary = checkout.product("plenary")
    let server = ["--server", address]
    try step("plenary import Deploy/examples/asia-ict-ct.json") {
      try ChildProcess.run(plenary, ["import", "Deploy/examples/asia-ict-ct.json"] + server, in: checkout)
    }
    say("==> plenary series show asia-ict-ct-dialogue")
    try ChildProcess.run(plenary, ["series", "show", "asia-ict-ct-dialogue"] + server, in: checkout)
  }
}
