internal import Foundation
internal import ProcessSpawn
internal import Testing

/// Programs that are started.
@Suite(.timeLimit(.minutes(10))) struct SpawnedProcessTests {
  @Test func `a program gets its words, its environment, its folder and its files`() async throws {
    let output = Pipe()
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.environment = ["GREETING=good day"]
    surroundings.folder = "/usr"
    surroundings.files = [nil, output.fileHandleForWriting.fileDescriptor, nil]
    let process = try SpawnedProcess(
      "/bin/sh", ["-c", "echo $GREETING $1; pwd; cat; echo lost >&2", "sh", "to you"], in: surroundings)
    try output.fileHandleForWriting.close()
    #expect(await process.end() == .exit(0))
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text == "good day to you\n/usr\n")
  }

  @Test func `it has none of the files that are open here`() throws {
    let output = Pipe()
    let kept = Pipe()
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.files = [nil, output.fileHandleForWriting.fileDescriptor, nil]
    // What lists the files has one open to do so.
    let process = try SpawnedProcess("/bin/ls", ["/proc/self/fd"], in: surroundings)
    try output.fileHandleForWriting.close()
    #expect(process.wait() == .exit(0))
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text == "0\n1\n2\n3\n")
    try kept.fileHandleForReading.close()
  }

  @Test func `its end tells the status or the signal`() async throws {
    #expect(try SpawnedProcess("/bin/sh", ["-c", "exit 7"]).wait() == .exit(7))
    let process = try SpawnedProcess("/bin/sleep", ["100"])
    process.kill(SIGTERM)
    #expect(await process.end() == .signal(SIGTERM))
  }

  @Test func `an end that the system does not tell is no success`() throws {
    let process = try SpawnedProcess("/bin/true", [])
    #expect(process.wait() == .exit(0))
    #expect(process.wait() == SpawnedProcess.unknownEnding)
  }

  @Test func `a program that is not there is told`() {
    let failure = #expect(throws: SpawnedProcess.StartFailure.self) { try SpawnedProcess("/no/such", []) }
    #expect(failure.map { "\($0)" } == "cannot start /no/such: No such file or directory")
  }

  @Test func `it starts beside thousands of open files`() throws {
    // More of them than fit what the system tells of them at a time.
    let files = try (0..<3000).map { _ in try FileHandle(forReadingFrom: URL(filePath: "/dev/null")) }
    defer { for file in files { try? file.close() } }
    for _ in 0..<20 { #expect(try SpawnedProcess("/bin/true", []).wait() == .exit(0)) }
  }
}
