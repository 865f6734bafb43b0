internal import PlenaryStore

/// A connection that searches, and its statements. One thread at a time has it.
// SENDABLE: handed from thread to thread through the lock of its index, which holds it while nobody uses it.
final class SearchReader: @unchecked Sendable {
  /// Which file it reads: a number that rises when the index begins anew.
  let generation: Int

  private let begin: SQLiteStatement
  private let end: SQLiteStatement
  private let revision: SQLiteStatement
  private let firstFrom: SQLiteStatement
  private let lastBefore: SQLiteStatement
  private let upwards: SQLiteStatement
  private let downwards: SQLiteStatement
  private var vocabulary: SearchVocabulary

  init(_ connection: SQLiteConnection, generation: Int) throws(Fault) {
    self.generation = generation
    begin = try connection.prepare("BEGIN")
    end = try connection.prepare("COMMIT")
    revision = try connection.prepare("SELECT rev FROM meta WHERE rev >= whole")
    firstFrom = try connection.prepare("SELECT label FROM doc WHERE grp = ? AND k >= ? ORDER BY k LIMIT 1")
    lastBefore = try connection.prepare("SELECT label FROM doc WHERE grp = ? AND k < ? ORDER BY k DESC LIMIT 1")
    func found(_ order: String) -> String {
      """
      SELECT d.k FROM words w CROSS JOIN doc d ON d.label = w.rowid
      WHERE w.words MATCH ? AND w.rowid >= ? AND w.rowid <= ? ORDER BY w.rowid \(order) LIMIT ?
      """
    }
    upwards = try connection.prepare(found("ASC"))
    downwards = try connection.prepare(found("DESC"))
    vocabulary = try SearchVocabulary(connection)
  }

  /// What the index finds at one moment, and the revision that it knows then; nil if it is not fed.
  func find(
    _ search: SearchRequest, from start: SearchStart, limit: Int
  ) throws(Fault) -> (keys: [String], revision: Revision)? {
    try begin.run()
    do throws(Fault) {
      let found = try findInTransaction(search, from: start, limit: limit)
      try end.run()
      return found
    } catch {
      // The first error tells what is wrong. A connection that fails is not used again.
      try? end.run()
      throw error
    }
  }

  private func findInTransaction(
    _ search: SearchRequest, from start: SearchStart, limit: Int
  ) throws(Fault) -> (keys: [String], revision: Revision)? {
    defer { revision.reset() }
    guard try revision.step() else { return nil }
    let known = Revision(UInt64(revision.integer(0)))
    let isUp = start.direction == .ascending
    let text = try vocabulary.completed(search.expression, at: known).text(inTitles: search.isInTitles)
    var keys: [String] = []
    for group in search.groups {
      guard let range = try labels(of: group, search.scope, from: start) else { continue }
      let statement = isUp ? upwards : downwards
      defer { statement.reset() }
      statement.bind(text).bind(range.lowerBound).bind(range.upperBound).bind(Int64(limit))
      while try statement.step() { keys.append(statement.text(0)) }
    }
    if search.groups.count > 1 { keys.sort { isUp ? $0 < $1 : $0 > $1 } }
    return (Array(keys.prefix(limit)), known)
  }

  /// The labels of a kind's records in a scope, from a start on; nil if there are none.
  private func labels(
    of group: UInt8, _ scope: KeyPrefix, from start: SearchStart
  ) throws(Fault) -> ClosedRange<Int64>? {
    // The least key that can be found, and the least that is too great.
    var lower = scope.text
    var upper: String? = scope == .all ? nil : scope.end
    if let key = start.key?.name {
      switch start.direction {
      case .ascending: lower = max(lower, key + "\0")
      case .descending: upper = min(upper ?? key, key)
      }
    }
    let whole = SearchLabels.range(of: group)
    var (first, last) = (whole.lowerBound, whole.upperBound - 1)
    if !lower.isEmpty {
      defer { firstFrom.reset() }
      guard try firstFrom.bind(Int64(group)).bind(lower).step() else { return nil }
      first = firstFrom.integer(0)
    }
    if let upper {
      defer { lastBefore.reset() }
      guard try lastBefore.bind(Int64(group)).bind(upper).step() else { return nil }
      last = lastBefore.integer(0)
    }
    return first <= last ? first...last : nil
  }
}

extension SearchExpression {
  /// The expression as FTS5 has it, for words in any text or in titles alone.
  fileprivate func text(inTitles: Bool) -> String { inTitles ? "titles : (\(text))" : text }

  private var text: String {
    switch self {
    // Words have no quotation marks; what stands between two is taken apart at spaces.
    case .words(let words, let isPrefix): "\"\(words.joined(separator: " "))\"" + (isPrefix ? " *" : "")
    case .all(let parts): "(" + parts.map(\.text).joined(separator: " AND ") + ")"
    case .any(let parts): "(" + parts.map(\.text).joined(separator: " OR ") + ")"
    case .without(let wanted, let unwanted): "(\(wanted.text) NOT \(unwanted.text))"
    }
  }
}
