/// How far a long run has come, on the side and only if a person is looking at it.
struct Progress {
  private let total: Int
  private let noun: String
  private let side: Console.Stream
  private var shown = 0

  /// Fewer are done before a line could be read; one line for so many is enough.
  private static let step = 1000

  init(total: Int, noun: String, console: Console) {
    self.total = total
    self.noun = noun
    side = console.side
  }

  /// Tells that so many are done.
  mutating func reached(_ count: Int) {
    guard side.isTerminal, count % Self.step == 0 else { return }
    shown = count
    write("\r\(count) of \(total) \(noun)")
  }

  /// Takes the line away.
  mutating func end() {
    guard shown > 0 else { return }
    shown = 0
    write("\r\u{1B}[K")
  }

  private func write(_ text: String) {
    // What cannot be shown of it is not missed.
    try? side.write(Array(text.utf8))
  }
}
