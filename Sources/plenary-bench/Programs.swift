internal import ArgumentParser
internal import Foundation

/// Where the programs are that a benchmark starts.
struct Programs: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon to measure; by default the one beside plenary-bench.", valueName: "path"))
  var plenaryd: String?

  @Option(help: ArgumentHelp("The test server to measure; by default the one beside plenary-bench.", valueName: "path"))
  var grpcTestserver: String?

  func daemon() throws -> String { try ours("plenaryd", plenaryd) }

  func testServer() throws -> String { try ours("grpc-testserver", grpcTestserver) }

  private func ours(_ name: String, _ chosen: String?) throws -> String {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".")
    let path = chosen ?? folder.appending(path: name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(
        "there is no program \(path): run `swift build -c release --product \(name)`, or `swift run dev bench`")
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
