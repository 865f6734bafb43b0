import Foundation
import PlenaryClient
import PlenaryTestKit

@testable import plenary

/// The dialogues that the project comes with.
enum Example {
  static let path: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return root.appending(path: "Deploy/examples/asia-ict-ct.json").path
  }()

  static func records() throws -> [Record] {
    try Record.bundled(json: Array(Data(contentsOf: URL(filePath: path))))
  }

  /// The record of the example with a name.
  static func record<Resource: ResourceMessage>(_ name: String, as type: Resource.Type = Resource.self) throws
    -> Resource?
  {
    for record in try records() where record.name == name { return record.content as? Resource }
    return nil
  }
}

extension TestPlenary {
  /// A run of the CLI against this registry.
  func run(_ arguments: String..., width: Int? = nil) async -> CapturedRun { await run(arguments, width: width) }

  /// A run of the CLI against this registry.
  func run(_ arguments: [String], width: Int? = nil) async -> CapturedRun {
    await CapturedRun(arguments, environment: ["PLENARY_SERVER": address], width: width)
  }
}

/// Runs a test with a registry that holds the example.
func withExample(_ body: (TestPlenary) async throws -> Void) async throws {
  try await withPlenary(importing: Example.records(), body)
}

/// Runs a test with a folder of its own, which is gone afterwards.
func withFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "plenary-cli-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  do {
    try await body(folder)
    try FileManager.default.removeItem(at: folder)
  } catch {
    try? FileManager.default.removeItem(at: folder)
    throw error
  }
}
