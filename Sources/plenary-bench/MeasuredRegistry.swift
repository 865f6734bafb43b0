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
  private let folder: TemporaryFolder

  private init(_ server: MeasuredServer, _ folder: TemporaryFolder) {
    self.server = server
    self.folder = folder
  }

  /// Starts the daemon and imports the records.
  static func start(_ records: [Record], programs: Programs, pinnedBy prefix: [String]) async throws -> MeasuredRegistry
  {
    let folder = try TemporaryFolder()
    do {
      let server = try MeasuredServer.start(
        [programs.daemon(), "run", "--listen", "127.0.0.1:0", "--data", folder.url.path, "--log-level", "warning"],
        named: "plenaryd", pinnedBy: prefix)
      let registry = MeasuredRegistry(server, folder)
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

  private func fill(_ records: [Record]) async throws {
    try await RegistryClient.withConnection(to: server.address) { registry in
      let report = try await registry.importRecords(records)
      guard !report.summary.applied else { return }
      let refused = report.results.first { $0.error != nil }
      throw Failure(
        "\(refused?.name ?? "the records") cannot be imported: \(refused?.error?.message ?? "no reason given")")
    }
  }
}
