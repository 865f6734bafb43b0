internal import ArgumentParser
internal import Foundation

/// Where the programs are that a benchmark starts.
struct Programs: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon to measure; by default the one beside plenary-bench.", valueName: "path"))
  var plenaryd: String?

  @Option(
    help: ArgumentHelp("The registry for tests to measure; by default the one beside plenary-bench.", valueName: "path")
  )
  var plenaryHarness: String?

  @Option(help: ArgumentHelp("The test server to measure; by default the one beside plenary-bench.", valueName: "path"))
  var grpcTestserver: String?

  @Option(
    help: ArgumentHelp(
      "The library that counts what a server does; by default the one beside plenary-bench.", valueName: "path"))
  var callCounter: String?

  func daemon() throws -> String { try ours("plenaryd", plenaryd) }

  func harness() throws -> String { try ours("plenary-harness", plenaryHarness) }

  func testServer() throws -> String { try ours("grpc-testserver", grpcTestserver) }

  func counterLibrary() throws -> String { try ours("CCallCounter", callCounter, file: "libCCallCounter.so") }

  /// What this package builds, by the name of its product.
  private func ours(_ product: String, _ chosen: String?, file: String? = nil) throws -> String {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".")
    let path = chosen ?? folder.appending(path: file ?? product).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(
        "there is no \(path): run `swift build -c release --product \(product)`, or `swift run dev bench`")
    }
    return path
  }

  /// A program of the system that measuring needs.
  static func needed(_ name: String, package: String) throws -> String {
    guard let path = inPath(name) else {
      throw Failure("\(name) is not installed: run `swift run dev bootstrap`, or install the Debian package \(package)")
    }
    return path
  }

  /// A program of the system by its name, nil where there is none.
  static func inPath(_ name: String) -> String? {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return folders.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
