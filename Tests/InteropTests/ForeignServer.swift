import Foundation
import Testing

/// Runs grpcio's server of `grpc.testing.TestService` for as long as a suite runs, one process for all its tests.
///
/// The server ends when its standard input does, so it cannot outlive this process however this process ends.
struct ForeignServer: SuiteTrait, TestScoping {
  /// What the server of the running test said when it was ready.
  @TaskLocal static var ready = Ready(listen: "", listenTLS: "", authority: "")

  /// The ready line.
  struct Ready: Decodable {
    /// Where it speaks in clear.
    let listen: String
    /// Where it speaks TLS.
    let listenTLS: String
    /// The file of the authority that signed its certificate.
    let authority: String
  }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let process = Process()
    let input = Pipe()
    let output = Pipe()
    let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let root = folder.appending(path: "../..").standardizedFileURL
    process.executableURL = root.appending(path: ".build/venv/bin/python")
    process.arguments = [folder.appending(path: "python/interop_server.py").path]
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PYTHONPATH": root.appending(path: "Tests/python").path, "PYTHONDONTWRITEBYTECODE": "1",
    ]) { _, ours in ours }
    process.standardInput = input
    process.standardOutput = output
    process.terminationHandler = { exit.yield($0.terminationStatus) }
    do { try process.run() } catch {
      throw ForeignServerFailure("grpcio is not here: run `swift run dev bootstrap` first (\(error))")
    }
    let result: Result<Void, any Error>
    do {
      try await Self.$ready.withValue(try await Self.readyLine(from: output.fileHandleForReading)) {
        try await function()
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    try input.fileHandleForWriting.close()
    let code = await exits.first { _ in true }
    try result.get()
    #expect(code == 0, "grpcio's server ended badly")
  }

  private static func readyLine(from output: FileHandle) async throws -> Ready {
    let (chunks, chunk) = AsyncStream.makeStream(of: Data.self)
    output.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty { chunk.finish() } else { chunk.yield(data) }
    }
    defer { output.readabilityHandler = nil }
    var line = Data()
    for await data in chunks {
      line += data
      guard line.last == UInt8(ascii: "\n") else { continue }
      return try JSONDecoder().decode(Ready.self, from: line)
    }
    throw ForeignServerFailure("grpcio's server ended before it was ready; its reason stands above")
  }
}

/// Why there is no server to test against.
struct ForeignServerFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Trait where Self == ForeignServer {
  /// The tests of this suite call grpcio's server.
  static var foreignServer: Self { Self() }
}
