internal import PlenaryStore

/// What somebody looks for, understood: `internet "best practices" (theme OR topic*) NOT draft`.
package struct SearchQuery: Hashable, Sendable {
  /// The longest query, in bytes.
  package static let byteCountMax = 1024

  /// The most words and phrases in a query.
  package static let termCountMax = 32

  /// The deepest nesting of parentheses.
  package static let depthMax = 8

  /// The fewest characters before a `*`.
  package static let prefixLengthMin = 2

  /// A part of a query.
  indirect enum Part: Hashable, Sendable {
    /// A word or a phrase, by its number.
    case term(Int)
    /// All of these, the wanted ones first.
    case all([Part], except: [Part])
    /// One of these.
    case any([Part])
  }

  /// Words that follow each other, the last of which may go on.
  struct Term: Hashable, Sendable {
    let words: [String]
    let isPrefix: Bool
  }

  /// Why a query cannot be understood, and where, in characters from 0.
  package struct Malformed: Error, Hashable, Sendable {
    /// What is wrong and what would be right.
    package let message: String

    /// Where.
    package let position: Int

    /// The limit that is exceeded, if that is what is wrong.
    package var max: Int?
  }

  /// The query as a whole.
  let root: Part

  /// Its words and phrases.
  let terms: [Term]

  /// Reads a query.
  package init(_ text: String) throws(Malformed) {
    (root, terms) = try SearchQueryParser.parse(text)
  }

  /// A query that asks for everything that some others do.
  init(all queries: [SearchQuery]) {
    var terms: [Term] = []
    var parts: [Part] = []
    for query in queries {
      parts.append(query.root.shifted(by: terms.count))
      terms += query.terms
    }
    self.terms = terms
    root = parts.count == 1 ? parts[0] : .all(parts, except: [])
  }

  /// What an index is asked.
  var expression: SearchExpression { root.expression(terms) }

  /// The query with everything in its place.
  package var description: String { root.text(terms, within: false) }

  /// Whether a record satisfies it in which just these of the terms are found.
  func holds(where isFound: [Bool]) -> Bool { root.holds(where: isFound) }
}

extension SearchQuery.Part {
  fileprivate func shifted(by count: Int) -> Self {
    switch self {
    case .term(let number): .term(number + count)
    case .all(let parts, let others):
      .all(parts.map { $0.shifted(by: count) }, except: others.map { $0.shifted(by: count) })
    case .any(let parts): .any(parts.map { $0.shifted(by: count) })
    }
  }

  fileprivate func expression(_ terms: [SearchQuery.Term]) -> SearchExpression {
    switch self {
    case .term(let number): return .words(terms[number].words, isPrefix: terms[number].isPrefix)
    case .any(let parts): return .any(parts.map { $0.expression(terms) })
    case .all(let parts, let others):
      let wanted = SearchExpression.all(parts.map { $0.expression(terms) })
      return others.isEmpty ? wanted : .without(wanted, .any(others.map { $0.expression(terms) }))
    }
  }

  fileprivate func holds(where isFound: [Bool]) -> Bool {
    switch self {
    case .term(let number): isFound[number]
    case .any(let parts): parts.contains { $0.holds(where: isFound) }
    case .all(let parts, let others):
      parts.allSatisfy { $0.holds(where: isFound) } && !others.contains { $0.holds(where: isFound) }
    }
  }

  fileprivate func text(_ terms: [SearchQuery.Term], within group: Bool) -> String {
    switch self {
    case .term(let number):
      let words = terms[number].words.joined(separator: " ") + (terms[number].isPrefix ? "*" : "")
      return terms[number].words.count > 1 ? "\"\(words)\"" : words
    case .any(let parts):
      let text = parts.map { $0.text(terms, within: true) }.joined(separator: " OR ")
      return group ? "(\(text))" : text
    case .all(let parts, let others):
      let text = (parts.map { $0.text(terms, within: true) } + others.map { "NOT \($0.text(terms, within: true))" })
        .joined(separator: " AND ")
      return group && parts.count + others.count > 1 ? "(\(text))" : text
    }
  }
}
