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

  var table: String {
    """
    Watch: \(watches) watches, \(wakes) creates, \(records) records replayed, \(rounds) rounds; \(cores)

    \(TextTable.lines([
      ["", "p50", "p99"],
      ["µs from the answer to the change", "\(Int(wakeMicroseconds.median))", "\(Int(wakeMicroseconds.p99))"],
      ["µs from the request to the change", "\(Int(createMicroseconds.median))", "\(Int(createMicroseconds.p99))"],
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
