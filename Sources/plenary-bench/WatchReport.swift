/// How soon watches are told, and how fast history is replayed.
struct WatchReport: Report {
  let benchmark: String
  let records: Int
  let wakes: Int
  let watches: Int
  let rounds: Int
  let cores: String
  /// From the answer to a create until a watch has the change; 0 where the change came first.
  let wakeMicroseconds: Percentiles
  /// From the request of the create until then.
  let createMicroseconds: Percentiles
  /// Changes a second, not decoded by their reader.
  let rawPerSecond: Spread
  /// What one of them costs the server in CPU time.
  let serverMicroseconds: Spread
  /// Changes a second, each decoded.
  let decodedPerSecond: Spread

  /// How long the half, and 99 of a hundred, took at most.
  struct Percentiles: Encodable {
    let p50: Double
    let p99: Double

    init(_ values: [Double]) {
      precondition(!values.isEmpty, "nothing was measured")
      let sorted = values.sorted()
      p50 = sorted[sorted.count / 2]
      p99 = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
  }

  var table: String {
    """
    Watch: \(watches) watches, \(wakes) creates, \(records) records replayed, \(rounds) rounds; \(cores)

    \(TextTable.lines([
      ["", "p50", "p99"],
      ["µs from the answer to the change", "\(Int(wakeMicroseconds.p50))", "\(Int(wakeMicroseconds.p99))"],
      ["µs from the request to the change", "\(Int(createMicroseconds.p50))", "\(Int(createMicroseconds.p99))"],
    ]))

    \(TextTable.lines([
      ["replay", "median (least-most)"],
      ["changes a second", rawPerSecond.wholeText],
      ["server CPU µs a change", serverMicroseconds.text],
      ["changes a second, decoded by PlenaryClient", decodedPerSecond.wholeText],
    ]))

    """
  }
}
