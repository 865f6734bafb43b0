internal import ArgumentParser
internal import Foundation

/// `plenary-bench commit`
struct CommitBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "What the store writes in groups, beside a bare loop with the same SQL.",
    discussion: """
      Both write new versions of records that are there, chosen by chance, so many
      in each transaction, each made durable before the next. The bare loop calls
      SQLite with the statements of the store and does nothing besides: it has no
      thread, no queue and no hashes. They have a copy of the same database each,
      and take turns; the ratio is taken within a round.

        plenary-bench commit --records 1000000
      """)

  @Option(help: "How many records there are.")
  var records = 100_000

  @Option(help: "The writes of a transaction.")
  var group = 64

  @Option(help: "The transactions of a round, for each of the two.")
  var groups = 200

  @Option(help: "Rounds; in each, both write in turn.")
  var rounds = 7

  @Option(help: ArgumentHelp("Where the databases lie while it runs.", valueName: "folder"))
  var data: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1000...10_000_000).contains(records) else {
      throw ValidationError("--records must be from 1000 to 10000000")
    }
    guard (1...256).contains(group) else { throw ValidationError("--group must be from 1 to 256") }
    guard (1...100_000).contains(groups) else { throw ValidationError("--groups must be from 1 to 100000") }
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000") }
  }

  func run() async throws {
    let folder = try data.map { try TemporaryFolder(in: $0) } ?? TemporaryFolder()
    defer { folder.remove() }
    let stored = folder.url.appending(path: "stored")
    let bare = folder.url.appending(path: "bare.db")
    try await StoreWriting.fill(stored, count: records)
    try FileManager.default.copyItem(at: stored.appending(path: "plenary.db"), to: bare)
    let store = try StoreWriting(stored, count: records)
    let loop = try BareWriting(bare.path, count: records)
    var (storeRates, bareRates, ratios): ([Double], [Double], [Double]) = ([], [], [])
    // Before the first round both fill their caches.
    for round in -1..<rounds {
      var plan = WritePlan(records: records, seed: UInt64(round + 2))
      let chosen = (0..<groups).map { _ in (0..<group).map { _ in plan.next() } }
      let isStoreFirst = round.isMultiple(of: 2)
      var (storeSeconds, bareSeconds) = (0.0, 0.0)
      for turn in [isStoreFirst, !isStoreFirst] {
        let start = ContinuousClock.now
        if turn { try await store.write(chosen) } else { try loop.write(chosen) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if turn { storeSeconds = seconds } else { bareSeconds = seconds }
      }
      guard round >= 0 else { continue }
      let count = Double(groups * group)
      storeRates.append(count / storeSeconds)
      bareRates.append(count / bareSeconds)
      ratios.append(bareSeconds / storeSeconds)
    }
    await store.close()
    try BareWriting.check(bare.path, against: stored.appending(path: "plenary.db").path)
    output.print(
      CommitReport(
        benchmark: "commit", records: records, group: group, groups: groups, rounds: rounds,
        storeWritesPerSecond: Spread(storeRates), bareWritesPerSecond: Spread(bareRates), ratio: Spread(ratios)))
  }
}

/// Which records are written, by chance and the same for both.
struct WritePlan {
  private let records: Int
  private var state: UInt64

  init(records: Int, seed: UInt64) {
    self.records = records
    state = seed &* 0x9E37_79B9_7F4A_7C15
  }

  /// The number of the next record (SplitMix64).
  mutating func next() -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(records))
  }
}

/// How fast both wrote.
struct CommitReport: Report {
  let benchmark: String
  let records: Int
  let group: Int
  let groups: Int
  let rounds: Int
  let storeWritesPerSecond: Spread
  let bareWritesPerSecond: Spread
  let ratio: Spread

  var table: String {
    let rows = [
      ["\(records) records, \(group) writes a transaction", "writes a second"],
      ["the store", storeWritesPerSecond.wholeText],
      ["the same SQL in a bare loop", bareWritesPerSecond.wholeText],
      ["ratio", ratio.text],
    ]
    return """
      Group commit: median of \(rounds) rounds of \(groups) transactions (least-most)

      \(TextTable.lines(rows))

      """
  }
}
