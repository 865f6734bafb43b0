internal import Logging
public import PlenaryClient
internal import PlenaryDaemon
internal import PlenaryStoreSQLite
internal import SocketTransport

/// A registry for one test: a daemon within this process, with a store of its own in memory, and a client of it.
///
///     try await withPlenary { plenary in
///       let theme = try await plenary.registry.themes.create(theme, id: "online-recruitment")
///       ...
///     }
public struct TestPlenary: Sendable {
  /// Where the daemon serves, `HOST:PORT`, for clients of any kind.
  public let address: String

  /// A client of the registry.
  public let registry: RegistryClient
}

/// Runs a test with a registry of its own, which is gone afterwards. Any number of them run at the same time.
///
/// Throws what `body` throws, an error in one line if the daemon cannot start, and `TestRecordsRefused` if the registry
/// does not take the records.
///
/// - Parameter records: What is in the registry when the test begins.
public func withPlenary<Result>(
  importing records: [Record] = [], isolation: isolated (any Actor)? = #isolation,
  _ body: (TestPlenary) async throws -> Result
) async throws -> Result {
  var configuration = DaemonConfiguration(listen: [.tcp(host: "127.0.0.1", port: 0)], data: .memory)
  configuration.grace = .zero
  let logger = Logger(label: "plenaryd") { _ in SwiftLogNoOpLogHandler() }
  let daemon = try await RunningDaemon.start(configuration, logger: logger)
  let address = daemon.addresses[0].description
  do {
    let result = try await RegistryClient.withConnection(to: address) { registry in
      try await fill(registry, with: records)
      return try await body(TestPlenary(address: address, registry: registry))
    }
    await daemon.stop()
    return result
  } catch {
    await daemon.stop()
    throw error
  }
}

/// The registry did not take the records that a test is to begin with.
public struct TestRecordsRefused: Error, CustomStringConvertible {
  /// Each record that was refused, and why.
  public let description: String
}

private func fill(_ registry: RegistryClient, with records: [Record]) async throws {
  guard !records.isEmpty else { return }
  let report = try await registry.importRecords(records)
  guard !report.summary.applied else { return }
  let refusals = report.results.compactMap { result in result.error.map { "\(result.name): \($0.message)" } }
  throw TestRecordsRefused(description: refusals.joined(separator: "\n"))
}

extension Record {
  /// The records of a bundle in ProtoJSON, such as the example that Plenary comes with.
  ///
  /// Throws a `ProtoJSONError` that says where the text is no such bundle.
  public static func bundled(json: [UInt8]) throws -> [Record] {
    try ProtoJSON.decode(Bundle.self, from: json).records
  }
}
