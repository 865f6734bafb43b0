internal import ArgumentParser

/// `dev format`
struct Format: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Format the handwritten Swift in place, as .swift-format says.")

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("format") { try Format.apply(to: checkout) }
  }

  static func apply(to checkout: Checkout) throws {
    let files = SourceFiles.handwritten(in: checkout)
    try ChildProcess.run("swift", ["format", "format", "--in-place", "--parallel"] + files, in: checkout)
  }
}
