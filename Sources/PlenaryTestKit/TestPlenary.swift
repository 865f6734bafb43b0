public import PlenaryClient

/// A registry for one test: it serves within this process, its records are in memory, and it is gone with the test.
public struct TestPlenary: Sendable {
  /// Where the registry serves, `HOST:PORT`, for clients of any kind.
  public let address: String

  /// A client of the registry.
  public let registry: RegistryClient

  /// What commands the registry: its clock, its state, its faults.
  public let harness: Harness
}

/// Runs a test with a registry of its own, which is gone afterwards. Any number of them run at the same time.
///
///     try await withPlenary(example: true, clock: .manual) { client, harness in
///       let dialogue = try await client.dialogues.get("dialogues/asia-ict-ct-3")
///       try harness.clock.advance(by: .seconds(86_400))
///       ...
///     }
///
/// It talks over a real socket. With a clock that stands, the same calls give the same bytes in every run.
///
/// Throws what `body` throws, an error in one line if the registry cannot start, and `TestRecordsRefused` if it does not take
/// the records. When the task is cancelled, the registry ends with `body`.
///
/// - Parameters:
///   - example: Whether the registry begins with the example that Plenary comes with.
///   - records: What it begins with besides.
///   - clock: How its clock begins: as the machine's, or standing.
///   - seed: What its ids follow from.
public func withPlenary<Result>(
  example: Bool = false, importing records: [Record] = [], clock: HarnessClock.Start = .system, seed: UInt64 = 1,
  isolation: isolated (any Actor)? = #isolation, _ body: (RegistryClient, Harness) async throws -> Result
) async throws -> Result {
  try await withPlenary(example: example, importing: records, clock: clock, seed: seed) { plenary in
    try await body(plenary.registry, plenary.harness)
  }
}

/// The same for a test that wants one name for all of it.
///
///     try await withPlenary { plenary in
///       let theme = try await plenary.registry.themes.create(theme, id: "online-recruitment")
///       ...
///     }
public func withPlenary<Result>(
  example: Bool = false, importing records: [Record] = [], clock: HarnessClock.Start = .system, seed: UInt64 = 1,
  isolation: isolated (any Actor)? = #isolation, _ body: (TestPlenary) async throws -> Result
) async throws -> Result {
  var options = Harness.Options()
  options.example = example
  options.records = records
  options.clock = clock
  options.seed = seed
  let harness = try await Harness.start(options)
  do {
    let result = try await RegistryClient.withConnection(to: harness.address) { registry in
      try await body(TestPlenary(address: harness.address, registry: registry, harness: harness))
    }
    await harness.stop()
    return result
  } catch {
    await harness.stop()
    throw error
  }
}

/// The registry did not take the records that a test is to begin with.
public struct TestRecordsRefused: Error, CustomStringConvertible {
  /// Each record that was refused, and why.
  public let description: String
}

extension Record {
  /// The records of a bundle in ProtoJSON, such as the example that Plenary comes with.
  ///
  /// Throws a `ProtoJSONError` that says where the text is no such bundle.
  public static func bundled(json: [UInt8]) throws -> [Record] {
    try ProtoJSON.decode(Bundle.self, from: json).records
  }

  /// The records of the example that Plenary comes with.
  static var example: [Record] {
    get throws { try bundled(json: PackageResources.example_json) }
  }
}
