/// What a comparison found.
struct ComparisonReport: Report {
  let benchmark: String
  let requestBytes: Int
  let answerBytes: Int
  let messages: Int
  let rounds: Int
  let cores: String
  let tls: String?
  let latency: Latency
  let shapes: [Shape]

  /// How long one request at a time takes its caller: the middle of the medians of the rounds, in microseconds.
  struct Latency: Encodable {
    let serverMicroseconds: Spread
    let nghttpdPostMicroseconds: Spread
    let ratioToPost: Spread

    init(ours: [Double], samePost: [Double]) {
      serverMicroseconds = Spread(ours)
      nghttpdPostMicroseconds = Spread(samePost)
      ratioToPost = Spread(zip(ours, samePost).map { $0 / $1 })
    }
  }

  /// CPU microseconds of the server for one request, or one of the messages in its answer, and the ratios of each round.
  struct Shape: Encodable {
    let shape: LoadShape
    let serverMicroseconds: Spread
    let nghttpdPostMicroseconds: Spread
    let nghttpdGetMicroseconds: Spread
    let ratioToPost: Spread
    let ratioToGet: Spread

    init(shape: LoadShape, ours: [Double], samePost: [Double], plainGet: [Double]) {
      self.shape = shape
      serverMicroseconds = Spread(ours)
      nghttpdPostMicroseconds = Spread(samePost)
      nghttpdGetMicroseconds = Spread(plainGet)
      ratioToPost = Spread(zip(ours, samePost).map { $0 / $1 })
      ratioToGet = Spread(zip(ours, plainGet).map { $0 / $1 })
    }
  }

  var table: String {
    let heading = [
      "connections x streams", "requests", "ours µs", "nghttpd POST µs", "nghttpd GET µs", "ours / POST", "ours / GET",
    ]
    let rows = shapes.map { row in
      [
        row.shape.name, "\(row.shape.requests)", row.serverMicroseconds.median.twoDigits,
        row.nghttpdPostMicroseconds.median.twoDigits, row.nghttpdGetMicroseconds.median.twoDigits,
        row.ratioToPost.text, row.ratioToGet.text,
      ]
    }
    return """
      \(benchmark): server CPU per \(unit), \(requestBytes) bytes in, \(answerBytes) bytes out
      median of \(rounds) interleaved rounds (least-most); \(cores); \(tls ?? "without TLS")

      \(TextTable.lines([heading] + rows))
      one at a time, p50 for the caller: ours \(latency.serverMicroseconds.wholeText) µs, \
      nghttpd POST \(latency.nghttpdPostMicroseconds.wholeText) µs, ratio \(latency.ratioToPost.text)

      """
  }

  private var unit: String { messages == 1 ? "request" : "message, \(messages) in an answer" }
}
