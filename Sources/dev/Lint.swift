internal import ArgumentParser

/// `dev lint`
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the format of the handwritten Swift and its rules; changes nothing.")

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("lint") { try Lint.check(checkout) }
  }

  static func check(_ checkout: Checkout) throws {
    let files = SourceFiles.handwritten(in: checkout)
    let lint = ChildProcess("swift", ["format", "lint", "--strict", "--parallel"] + files, in: checkout)
    try lint.start()
    guard lint.wait() == 0 else { throw Failure("lint found the above; `swift run dev format` mends what it can") }
  }
}
