import Foundation
import GRPCTestKit
import HTTP2
import PlenaryTestKit
import ProcessSpawn
import SocketTransport
import Testing

/// The program itself, as a process: what a run within the test cannot show.
@Suite(.timeLimit(.minutes(10))) struct ProgramTests {
  /// A process of the program that has started.
  private struct Running {
    let process: SpawnedProcess
    private let side = Pipe()

    init(_ arguments: [String], output: FileHandle? = nil) throws {
      // The program is built beside the tests.
      let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "plenary")
      var surroundings = SpawnedProcess.Surroundings()
      surroundings.files = [nil, output?.fileDescriptor, side.fileHandleForWriting.fileDescriptor]
      process = try SpawnedProcess(program.path, arguments, in: surroundings)
      try side.fileHandleForWriting.close()
    }

    func end() async throws -> (ending: SpawnedProcess.Ending, side: String) {
      let ending = await process.end()
      return (ending, String(decoding: try side.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an export that is interrupted leaves nothing behind`(_ signal: Int32) async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "out.json")
      try Data("old".utf8).write(to: file)
      let (requests, request) = AsyncStream.makeStream(of: Void.self)
      // A server that takes the request and never answers.
      try await RawServer.run { _, _, _ in
        request.yield()
      } _: { server in
        let running = try Running(["export", "--file", file.path, "--server", "\(server.address)"])
        _ = await requests.first { _ in true }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        running.process.kill(signal)
        let (ending, side) = try await running.end()
        #expect(ending == .signal(signal))
        #expect(side.isEmpty)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.json"])
      #expect(try String(contentsOf: file, encoding: .utf8) == "old")
    }
  }

  @Test func `a closed pipe ends an answer without a word`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let output = Pipe()
      try output.fileHandleForReading.close()
      let running = try Running(["export", "--server", plenary.address], output: output.fileHandleForWriting)
      let (ending, side) = try await running.end()
      // A shell shows both as 141.
      #expect([SpawnedProcess.Ending.exit(141), .signal(SIGPIPE)].contains(ending))
      #expect(side.isEmpty)
    }
  }

  @Test func `a full disk is told and exits with 1`() async throws {
    let full = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    let (ending, side) = try await Running(["version"], output: full).end()
    #expect(ending == .exit(1))
    #expect(side == "error: cannot write the answer: No space left on device\n")
  }
}
