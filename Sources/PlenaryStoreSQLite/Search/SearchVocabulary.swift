internal import PlenaryStore

/// The words that stand in a search index, with which long beginnings of words are made whole.
///
/// FTS5 has an index of its own for beginnings of up to `indexedLengthMax` letters. What has a longer one it would gather
/// from all records before it gives the first, for each page anew. The words themselves are few, mostly, and what has one
/// of these comes in order at once.
struct SearchVocabulary {
  /// The longest beginnings that have an index.
  static let indexedLengthMax = 5

  /// The most words that stand for one beginning; FTS5 looks for those that have more by itself.
  static let completionCountMax = 64

  /// The most words that come into one query in this way; beginnings behind them stay as they are.
  static let addedCountMax = 256

  /// The most beginnings that are kept: those of one query.
  private static let keptCountMax = 32

  private let next: SQLiteStatement

  /// The words that were found at a revision; nil stands for too many.
  private var revision = Revision.zero
  private var known: [String: [String]?] = [:]

  /// How many words have come into the query.
  private var addedCount = 0

  init(_ connection: SQLiteConnection) throws(Fault) {
    // The rows of a word are one for each of its places; only the first of them is read.
    next = try connection.prepare("SELECT term FROM temp.vocabulary WHERE term >= ? LIMIT 1")
  }

  /// The same expression with words in the place of long beginnings.
  mutating func completed(
    _ expression: SearchExpression, at revision: Revision
  ) throws(Fault) -> SearchExpression {
    if revision != self.revision || known.count > Self.keptCountMax {
      self.revision = revision
      known = [:]
    }
    addedCount = 0
    return try completed(expression)
  }

  private mutating func completed(_ expression: SearchExpression) throws(Fault) -> SearchExpression {
    switch expression {
    case .words(let words, isPrefix: true):
      guard let last = words.last, last.unicodeScalars.count > Self.indexedLengthMax,
        let completions = try completions(of: last), !completions.isEmpty,
        addedCount + completions.count <= Self.addedCountMax
      else { return expression }
      addedCount += completions.count
      return .any(completions.map { .words(words.dropLast() + [$0], isPrefix: false) })
    case .words: return expression
    case .all(let parts): return .all(try completed(parts))
    case .any(let parts): return .any(try completed(parts))
    case .without(let wanted, let unwanted): return .without(try completed(wanted), try completed(unwanted))
    }
  }

  private mutating func completed(_ parts: [SearchExpression]) throws(Fault) -> [SearchExpression] {
    var completed: [SearchExpression] = []
    for part in parts { completed.append(try self.completed(part)) }
    return completed
  }

  /// The words that begin so; nil if there are too many.
  private mutating func completions(of beginning: String) throws(Fault) -> [String]? {
    if let known = known[beginning] { return known }
    var words: [String]? = []
    var place = beginning
    while let word = try word(from: place), word.utf8.starts(with: beginning.utf8) {
      guard let count = words?.count, count < Self.completionCountMax else {
        words = nil
        break
      }
      words?.append(word)
      // What follows a word in the order of bytes: none has a space.
      place = word + " "
    }
    known[beginning] = .some(words)
    return words
  }

  private func word(from place: String) throws(Fault) -> String? {
    defer { next.reset() }
    return try next.bind(place).step() ? next.text(0) : nil
  }
}
