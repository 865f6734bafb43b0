/// Finds what somebody may have meant.
package enum Suggestion {
  /// The candidate that differs from the text by the fewest letters, if it differs by few; nil otherwise.
  package static func closest(to text: String, among candidates: some Sequence<String>) -> String? {
    let limit = (text.count + 2) / 3
    return candidates.map { (distance(text.lowercased(), $0.lowercased()), $0) }
      .filter { $0.0 <= limit }
      .min { $0 < $1 }?.1
  }

  /// How many letters have to be inserted, left out or replaced to turn one text into the other.
  static func distance(_ left: String, _ right: String) -> Int {
    let target = Array(right)
    var row = Array(0...target.count)
    for (index, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let replaced = diagonal + (character == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[target.count]
  }
}
