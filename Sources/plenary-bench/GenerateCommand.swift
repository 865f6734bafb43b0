internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// `plenary-bench generate`
struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Records in the shape of the example, as many as are asked for.",
    discussion: """
      The same seed gives the same records, and a smaller number the first of
      them. They are written as a bundle, or imported into a daemon in parts.

        plenary-bench generate --records 1000 --output records.json
        plenary-bench generate --records 1000000 --server 127.0.0.1:7443
      """)

  @OptionGroup var generated: GeneratedOptions

  @Option(help: "How many records.")
  var records: Int

  @Option(
    help: ArgumentHelp("The file to write; without it and --server the output of the program.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("The daemon to import them into.", valueName: "address"))
  var server: String?

  func validate() throws {
    try GeneratedOptions.check(records)
    guard output == nil || server == nil else { throw ValidationError("give --output or --server, not both") }
  }

  func run() async throws {
    let records = GeneratedRecords(count: records, seed: generated.seed)
    guard let server else { return try write(records) }
    let start = ContinuousClock.now
    try await generated.fill(server, with: records, from: 0)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let rate = Int(Double(records.count) / max(seconds, 0.001))
    FileHandle.standardError.write(
      Data("\(records.count) records imported in \(seconds.twoDigits) s, \(rate) a second\n".utf8))
  }

  private func write(_ records: GeneratedRecords) throws {
    let handle: FileHandle
    if let output {
      guard FileManager.default.createFile(atPath: output, contents: nil),
        let file = FileHandle(forWritingAtPath: output)
      else { throw Failure("cannot write \(output)") }
      handle = file
    } else {
      handle = .standardOutput
    }
    var waiting = "{\"records\": [\n"
    var separator = ""
    for record in records {
      waiting += separator + (try ProtoJSON.string(record))
      separator = ",\n"
      guard waiting.utf8.count > Self.writtenBytes else { continue }
      try handle.write(contentsOf: Data(waiting.utf8))
      waiting = ""
    }
    try handle.write(contentsOf: Data("\(waiting)\n]}\n".utf8))
  }

  /// The bytes that are written at a time.
  private static let writtenBytes = 1 << 16
}

/// How records are generated and imported.
struct GeneratedOptions: ParsableArguments {
  @Option(help: "What the records follow from.")
  var seed: UInt64 = 1

  @Option(help: "The records of one import.")
  var batch = 10_000

  /// The most records, 10^7.
  static let countMax = 10_000_000

  /// The most records that plenaryd takes in one import.
  private static let batchMax = 50_000

  func validate() throws {
    guard (1...Self.batchMax).contains(batch) else {
      throw ValidationError("--batch must be from 1 to \(Self.batchMax)")
    }
  }

  static func check(_ count: Int) throws {
    guard (1...countMax).contains(count) else { throw ValidationError("--records must be from 1 to \(countMax)") }
  }

  /// Imports the records behind the first `done` into a daemon.
  func fill(_ server: String, with records: GeneratedRecords, from done: Int) async throws {
    try await RegistryClient.withConnection(to: server) { registry in
      var part: [Record] = []
      for record in records.dropFirst(done) {
        part.append(record)
        guard part.count == batch else { continue }
        try await Self.send(part, to: registry)
        part = []
      }
      if !part.isEmpty { try await Self.send(part, to: registry) }
    }
  }

  private static func send(_ records: [Record], to registry: RegistryClient) async throws {
    let report = try await registry.importRecords(records)
    guard !report.summary.applied else { return }
    let refused = report.results.first { $0.error != nil }
    throw Failure(
      "\(refused?.name ?? "the records") cannot be imported: \(refused?.error?.message ?? "no reason given")")
  }
}
