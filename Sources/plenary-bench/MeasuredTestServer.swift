/// A running grpc-testserver, in a folder that goes with it.
final class MeasuredTestServer {
  let server: MeasuredServer
  /// What the server shows, nil without TLS.
  let certificate: Certificate?
  private let folder: TemporaryFolder

  /// Starts the server, its command behind the prefix.
  init(_ programs: Programs, tls: TLSOptions? = nil, pinnedBy prefix: [String]) throws {
    folder = try TemporaryFolder()
    do {
      certificate = try tls?.certificate(in: folder)
      var command = [try programs.testServer(), "--listen", "127.0.0.1:0"]
      if let certificate { command += ["--tls-cert", certificate.certificateFile, "--tls-key", certificate.keyFile] }
      server = try MeasuredServer.start(command, named: "grpc-testserver", pinnedBy: prefix)
    } catch {
      folder.remove()
      throw error
    }
  }

  /// Ends the server and removes its folder.
  func stop() {
    server.stop()
    folder.remove()
  }
}
