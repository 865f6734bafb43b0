/// What calls cost at different sizes of a registry.
struct ScaleReport: Report {
  let benchmark: String
  let rounds: Int
  let calls: Int
  let seed: UInt64
  let cores: String
  let sizes: [Size]
  let rows: [Row]

  /// A registry that was measured.
  struct Size: Encodable {
    let records: Int
    /// Nil if an earlier run has filled it.
    let fillSeconds: Double?
    /// Nil if the search index followed the import.
    let indexSeconds: Double?
    let fileBytes: Int
  }

  /// CPU microseconds of the server for one call at each size, and their ratios to the first.
  struct Row: Encodable {
    let call: String
    /// How many records an answer held at each size.
    let records: [Int]
    let microseconds: [Spread]
    let ratios: [Spread]
  }

  var table: String {
    let heading =
      ["call"] + sizes.map { "µs at \($0.records)" } + sizes.dropFirst().map { "ratio at \($0.records)" } + ["answers"]
    let lines = rows.map { row in
      [row.call] + row.microseconds.map { $0.median.twoDigits } + row.ratios.map(\.text)
        + [row.records.map(String.init).joined(separator: "/")]
    }
    let fills = sizes.map { size in
      [
        "\(size.records)", size.fillSeconds?.twoDigits ?? "",
        size.fillSeconds.map { "\(Int(Double(size.records) / max($0, 0.001)))" } ?? "",
        size.indexSeconds?.twoDigits ?? "",
        size.indexSeconds.map { "\(Int(Double(size.records) / max($0, 0.001)))" } ?? "", "\(size.fileBytes >> 20)",
      ]
    }
    return """
      Growth: server CPU per call, seed \(seed), \(calls) calls a round
      median of \(rounds) interleaved rounds (least-most); \(cores)

      \(TextTable.lines([heading] + lines))

      \(TextTable.lines([["records", "import s", "a second", "index s", "a second", "MiB"]] + fills))

      """
  }
}
