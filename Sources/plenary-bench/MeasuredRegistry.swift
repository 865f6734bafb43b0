internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// What the measured registry holds.
struct RegistryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The records to import, in the format of `plenary export`.", valueName: "file"))
  var records = "Deploy/examples/asia-ict-ct.json"

  @Option(help: ArgumentHelp("The dialogue to get, and to make more of.", valueName: "name"))
  var dialogue = "dialogues/asia-ict-ct-3"

  /// The records of the file.
  func bundle() throws -> PlenaryClient.Bundle {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: records))
    } catch {
      throw Failure(
        "cannot read \(records): \(error.localizedDescription); run this in the checkout, or name a file with --records"
      )
    }
    do {
      return try ProtoJSON.decode(PlenaryClient.Bundle.self, from: Array(bytes))
    } catch {
      throw Failure("\(records) is not a bundle of records: \(error)")
    }
  }
}

/// A daemon with the records of a file, its data in a folder that goes with it.
final class MeasuredRegistry {
  let server: MeasuredServer
  /// What the daemon shows, nil without TLS.
  let certificate: Certificate?
  private let folder: TemporaryFolder

  private init(_ server: MeasuredServer, _ certificate: Certificate?, _ folder: TemporaryFolder) {
    self.server = server
    self.certificate = certificate
    self.folder = folder
  }

  /// Starts the daemon with some settings, its command behind the prefix, and imports the records.
  static func start(
    _ records: [Record], programs: Programs, tls: TLSOptions? = nil, settings: [String] = [], pinnedBy prefix: [String]
  ) async throws -> MeasuredRegistry {
    let folder = try TemporaryFolder()
    do {
      let certificate = try tls?.certificate(in: folder)
      var command = [try programs.daemon(), "run", "--listen", "127.0.0.1:0", "--log-level", "warning"]
      command += ["--data", folder.url.appending(path: "data").path]
      for setting in settings { command += ["--set", setting] }
      if let certificate {
        command += ["--set", "tls.certificate_file=\(certificate.certificateFile)"]
        command += ["--set", "tls.key_file=\(certificate.keyFile)"]
      }
      let server = try MeasuredServer.start(command, named: "plenaryd", pinnedBy: prefix)
      let registry = MeasuredRegistry(server, certificate, folder)
      do {
        try await registry.fill(records)
        return registry
      } catch {
        server.stop()
        throw error
      }
    } catch {
      folder.remove()
      throw error
    }
  }

  /// Ends the daemon and removes its data. Throws unless it drained and exited with 0.
  func stop() throws {
    let code = server.stop()
    folder.remove()
    guard code == 0 else { throw Failure("plenaryd ended with exit code \(code) instead of 0") }
  }

  /// Lends a client that is connected to it.
  func withClient<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (RegistryClient) async throws -> Result
  ) async throws -> Result {
    let configuration = ChannelConfiguration(trusting: certificate)
    return try await RegistryClient.withConnection(to: server.address, configuration: configuration, body)
  }

  private func fill(_ records: [Record]) async throws {
    try await withClient { registry in
      let report = try await registry.importRecords(records)
      guard !report.summary.applied else { return }
      let refused = report.results.first { $0.error != nil }
      throw Failure(
        "\(refused?.name ?? "the records") cannot be imported: \(refused?.error?.message ?? "no reason given")")
    }
  }
}
