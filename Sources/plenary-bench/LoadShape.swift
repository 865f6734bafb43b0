/// How many requests are under way at once, and how many there are.
struct LoadShape: Encodable {
  let connections: Int
  let streams: Int
  let requests: Int

  /// Few busy connections, many half busy ones, and one caller who waits for each answer.
  static func all(requests: Int) -> [LoadShape] {
    [
      LoadShape(connections: 8, streams: 32, requests: requests),
      LoadShape(connections: 64, streams: 10, requests: requests),
      // One at a time costs ten times as much and varies less.
      LoadShape(connections: 1, streams: 1, requests: max(1, requests / 10)),
    ]
  }

  /// Whether each request waits for the answer to the one before.
  var isOneAtATime: Bool { connections == 1 && streams == 1 }

  /// As it stands in tables.
  var name: String { "\(connections) x \(streams)" }
}
