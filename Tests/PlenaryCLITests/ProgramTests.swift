import Foundation
import GRPCTestKit
import HTTP2
import PlenaryTestKit
import SocketTransport
import Testing

/// The program itself, as a process: what a run within the test cannot show.
@Suite(.timeLimit(.minutes(5))) struct ProgramTests {
  /// How a process ended.
  private struct Ending: Equatable {
    var reason: Process.TerminationReason
    var status: Int32
  }

  /// A process of the program that has started.
  private struct Running {
    let process: Process
    let side: Pipe
    let endings: AsyncStream<Ending>

    init(_ arguments: [String], output: Any? = nil) throws {
      process = Process()
      side = Pipe()
      let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
      self.endings = endings
      // The program is built beside the tests.
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "plenary")
      process.arguments = arguments
      process.standardError = side
      process.standardOutput = output ?? FileHandle.nullDevice
      process.terminationHandler = { ending.yield(Ending(reason: $0.terminationReason, status: $0.terminationStatus)) }
      try process.run()
    }

    func end() async throws -> (ending: Ending?, side: String) {
      let ending = await endings.first { _ in true }
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
        kill(running.process.processIdentifier, signal)
        let (ending, side) = try await running.end()
        #expect(ending == Ending(reason: .uncaughtSignal, status: signal))
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
      let running = try Running(["export", "--server", plenary.address], output: output)
      let (ending, side) = try await running.end()
      // A shell shows both as 141.
      #expect([Ending(reason: .exit, status: 141), Ending(reason: .uncaughtSignal, status: SIGPIPE)].contains(ending))
      #expect(side.isEmpty)
    }
  }

  @Test func `a full disk is told and exits with 1`() async throws {
    let full = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
    let (ending, side) = try await Running(["version"], output: full).end()
    #expect(ending == Ending(reason: .exit, status: 1))
    #expect(side == "error: cannot write the answer: No space left on device\n")
  }
}
