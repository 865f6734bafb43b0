/// The least and the most that a call may do. Who makes it do less writes that down here too, so that it stays so.
///
/// Allocations and bytes hardly vary, but for the length of the times in a record; system calls depend on how many
/// requests one read finds.
struct CountThresholds {
  let allocations: ClosedRange<Double>
  let reads: ClosedRange<Double>
  let writes: ClosedRange<Double>
  let polls: ClosedRange<Double>
  let bytesWritten: ClosedRange<Double>

  /// Say with 600 bytes of text.
  static let say = CountThresholds(
    allocations: 5.1...5.6, reads: 0.03...0.06, writes: 0.03...0.06, polls: 0.03...0.06, bytesWritten: 636...640)

  /// GetDialogue of the example.
  static let getDialogue = CountThresholds(
    allocations: 3.2...3.5, reads: 0.03...0.06, writes: 0.03...0.06, polls: 0.03...0.06, bytesWritten: 1890...1910)

  /// One of the thousand messages of 100 bytes in an answer of Stream.
  static let streamMessage = CountThresholds(
    allocations: 1.05...1.10, reads: 0...0.001, writes: 0.001...0.004, polls: 0...0.001, bytesWritten: 109.8...110.2)

  /// The figures with what they may be, in the order of the report.
  func judge(_ counts: CallCounts) -> [JudgedCount] {
    [
      JudgedCount(figure: "allocations", count: counts.allocations, allowed: allocations),
      JudgedCount(figure: "reads", count: counts.reads, allowed: reads),
      JudgedCount(figure: "writes", count: counts.writes, allowed: writes),
      JudgedCount(figure: "polls", count: counts.polls, allowed: polls),
      JudgedCount(figure: "bytes written", count: counts.bytesWritten, allowed: bytesWritten),
    ]
  }
}

/// A figure, and what it may be.
struct JudgedCount: Encodable {
  let figure: String
  let count: Double
  let least: Double
  let most: Double
  let isAllowed: Bool

  init(figure: String, count: Double, allowed: ClosedRange<Double>) {
    self.figure = figure
    self.count = count
    least = allowed.lowerBound
    most = allowed.upperBound
    isAllowed = allowed.contains(count)
  }

  /// What to do about a figure that is not allowed.
  var complaint: String {
    let remedy = count > most ? "find what costs more, or allow it" : "it became less: write that down"
    return "\(figure) \(count.threeDigits), allowed \(least.threeDigits) to \(most.threeDigits); \(remedy)"
  }
}
