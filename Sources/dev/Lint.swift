internal import ArgumentParser

/// `dev lint`
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the handwritten Swift and the protos; changes nothing.")

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("lint") { try Lint.check(checkout) }
  }

  static func check(_ checkout: Checkout) throws {
    try checkSwift(in: checkout)
    try checkProtos(in: checkout)
  }

  private static func checkSwift(in checkout: Checkout) throws {
    let files = SourceFiles.handwritten(in: checkout)
    let lint = ChildProcess("swift", ["format", "lint", "--strict", "--parallel"] + files, in: checkout)
    try lint.start()
    guard lint.wait() == 0 else { throw Failure("lint found the above; `swift run dev format` mends what it can") }
  }

  /// buf reads an image that protoc makes: the protos of other projects come from packages, not from its registry.
  private static func checkProtos(in checkout: Checkout) throws {
    let image = ".build/lint.binpb"
    let protos = checkout.files(under: ["Protos/plenary"]).filter { $0.hasSuffix(".proto") }
    try ChildProcess.run(
      "protoc",
      try ProtoTools.importRoots(in: checkout).map { "-I\($0)" }
        + ["--include_imports", "--include_source_info", "--descriptor_set_out=\(image)"] + protos, in: checkout)
    try ChildProcess.run(
      checkout.python("buf"), ["lint", image, "--config", "Protos/buf.yaml", "--path", "plenary"], in: checkout)
  }
}
