import Foundation
import ProcessSpawn
import SocketTransport

/// `openssl s_server`, as a server that speaks TLS and knows nothing of gRPC.
enum OpenSSLServer {
  /// Runs `body` with a server of this certificate on a free port, and ends the server behind it.
  static func run(
    _ certificate: TestCertificate, _ options: [String], _ body: (TransportAddress) async throws -> Void
  ) async throws {
    let input = Pipe()
    let output = Pipe()
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.files = [
      input.fileHandleForReading.fileDescriptor, output.fileHandleForWriting.fileDescriptor, nil,
    ]
    let process = try SpawnedProcess(
      "/usr/bin/openssl",
      ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate.certificate, "-key", certificate.key] + options,
      in: surroundings)
    defer {
      process.kill(SIGKILL)
      process.wait()
    }
    try output.fileHandleForWriting.close()
    try await body(.tcp(host: "127.0.0.1", port: port(from: output.fileHandleForReading)))
  }

  /// It says `ACCEPT 127.0.0.1:PORT` when it listens.
  private static func port(from output: FileHandle) throws -> Int {
    var text = ""
    while true {
      let data = output.availableData
      guard !data.isEmpty else { throw OpenSSLFailure(description: "openssl s_server ended: \(text)") }
      text += String(decoding: data, as: UTF8.self)
      let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .first { $0.hasPrefix("ACCEPT ") }
      if let port = line?.split(separator: ":").last.flatMap({ Int($0) }) { return port }
    }
  }
}
