/// Finds what was meant by a word that is not known.
package enum Suggestion {
  /// The longest word, in bytes, that anything is suggested for: the comparison costs the square of the length, and no
  /// name of ours is near as long.
  package static let wordByteCountMax = 64

  /// The candidate that a mistyped word most likely stands for, nil if none is near enough.
  ///
  /// Letter case and hyphens do not count. One edit in three letters is allowed, and an unfinished word of three
  /// letters or more stands for the only candidate that begins with it. A longer word than `wordByteCountMax` stands for
  /// none.
  package static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    guard word.utf8.count <= wordByteCountMax else { return nil }
    let folded = fold(word)
    let scored = candidates.map { (name: $0, distance: distance(folded, fold($0))) }
    if let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= max(1, folded.count / 3) {
      return best.name
    }
    guard folded.count >= 3 else { return nil }
    let begun = scored.filter { fold($0.name).starts(with: folded) }
    return begun.count == 1 ? begun.first?.name : nil
  }

  /// The end of a message about an unknown word: `, did you mean …?`, or nothing.
  package static func hint(for word: String, among candidates: some Sequence<String>) -> String {
    closest(to: word, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
  }

  private static func fold(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "-" && $0 != "_" }.map { $0 }
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours between two words.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
        var best = min(replaced, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
