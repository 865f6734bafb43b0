/// How far work at the other end has come, on the side and only if a person is looking at it.
struct ProgressBar {
  private static let width = 30

  private let side: Console.Stream
  private var shown = ""

  init(console: Console) {
    side = console.side
  }

  /// Tells how far a stage of the work has come; `total` is 0 if nobody knows how much there is.
  mutating func reached(_ stage: String, _ done: Int64, of total: Int64) {
    guard side.isTerminal else { return }
    let line = Self.line(stage, done, of: total)
    guard line != shown else { return }
    shown = line
    write("\r\u{1B}[K\(line)")
  }

  /// Takes the line away.
  mutating func end() {
    guard !shown.isEmpty else { return }
    shown = ""
    write("\r\u{1B}[K")
  }

  /// A bar if it is known how much there is to do.
  static func line(_ stage: String, _ done: Int64, of total: Int64) -> String {
    guard total > 0 else { return "\(stage) …" }
    let share = min(1, Double(done) / Double(total))
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    return "\(stage) [\(bar)] \(Int(share * 100)) %"
  }

  private func write(_ text: String) {
    // What cannot be shown of it is not missed.
    try? side.write(Array(text.utf8))
  }
}
