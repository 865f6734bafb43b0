import Foundation
import ProcessSpawn
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
    let input = Pipe()
    let output = Pipe()
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let root = folder.appending(path: "../..").standardizedFileURL
    let environment = ProcessInfo.processInfo.environment.merging([
      "PYTHONPATH": root.appending(path: "Tests/python").path, "PYTHONDONTWRITEBYTECODE": "1",
    ]) { _, ours in ours }
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.environment = environment.map { "\($0)=\($1)" }
    surroundings.files = [
      input.fileHandleForReading.fileDescriptor, output.fileHandleForWriting.fileDescriptor, STDERR_FILENO,
    ]
    let process: SpawnedProcess
    do {
      process = try SpawnedProcess(
        root.appending(path: ".build/venv/bin/python").path, [folder.appending(path: "python/interop_server.py").path],
        in: surroundings)
    } catch {
      throw ForeignServerFailure("grpcio is not here: run `swift run dev bootstrap` first (\(error))")
    }
    try input.fileHandleForReading.close()
    try output.fileHandleForWriting.close()
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
    let ending = await process.end()
    try result.get()
    #expect(ending == .exit(0), "grpcio's server ended badly")
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
