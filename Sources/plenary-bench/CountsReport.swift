/// What calls do, and whether they may.
struct CountsReport: Report {
  let benchmark: String
  let load: LoadShape
  let calls: [Call]

  /// One kind of call, or one message of a stream.
  struct Call: Encodable {
    let title: String
    let counts: [JudgedCount]
  }

  var table: String {
    let heading = ["for each", "", "count", "least", "most", ""]
    let rows = calls.flatMap { call in
      call.counts.enumerated().map { index, judged in
        [
          index == 0 ? call.title : "", judged.figure, judged.count.threeDigits, judged.least.threeDigits,
          judged.most.threeDigits, judged.isAllowed ? "" : "out of range",
        ]
      }
    }
    return """
      Counts: what the server does, with \(load.streams) streams on one connection

      \(TextTable.lines([heading] + rows))

      """
  }

  /// The figures out of their range, one a line.
  var complaints: [String] {
    calls.flatMap { call in call.counts.filter { !$0.isAllowed }.map { "\(call.title): \($0.complaint)" } }
  }
}
