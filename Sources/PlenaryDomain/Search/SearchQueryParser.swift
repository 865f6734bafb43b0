internal import Foundation

/// Reads queries of words, whose grammar this is:
///
///     query  = factor {["AND"] factor}
///     factor = term {"OR" term}
///     term   = ["NOT" | "-"] simple
///     simple = word ["*"] | '"' {word} ["*"] '"' ["*"] | "(" query ")"
///
/// It is that of filters: OR binds tighter than AND, which may be left out. What NOT says must stand beside something
/// that is wanted. A word that is made of several, as a symbol is, stands for them one after another.
struct SearchQueryParser {
  private let characters: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var terms: [SearchQuery.Term] = []

  private typealias Malformed = SearchQuery.Malformed

  /// A part, and whether it says what is not wanted.
  private struct Factor {
    let part: SearchQuery.Part
    var isUnwanted = false
  }

  private init(_ text: String) {
    characters = Array(text.precomposedStringWithCanonicalMapping.unicodeScalars)
  }

  /// Reads a query.
  static func parse(_ text: String) throws(SearchQuery.Malformed) -> (SearchQuery.Part, [SearchQuery.Term]) {
    guard text.utf8.count <= SearchQuery.byteCountMax else {
      throw Malformed(
        message: "it has \(text.utf8.count) bytes; a search has at most \(SearchQuery.byteCountMax)",
        position: 0, max: SearchQuery.byteCountMax)
    }
    var parser = SearchQueryParser(text)
    let part = try parser.query()
    guard parser.position == parser.characters.count else {
      throw Malformed(message: "this parenthesis closes none", position: parser.position)
    }
    return (part, parser.terms)
  }

  private mutating func query() throws(SearchQuery.Malformed) -> SearchQuery.Part {
    let start = position
    var wanted: [SearchQuery.Part] = []
    var unwanted: [SearchQuery.Part] = []
    while let next = try next() {
      if next == "AND" {
        guard !wanted.isEmpty || !unwanted.isEmpty else {
          throw Malformed(message: "a word is missing before `AND`", position: position)
        }
        position += 3
        guard try self.next() != nil else {
          throw Malformed(message: "a word is missing after `AND`", position: position)
        }
      }
      guard let factor = try factor() else { continue }
      if factor.isUnwanted { unwanted.append(factor.part) } else { wanted.append(factor.part) }
    }
    guard !wanted.isEmpty else {
      let message =
        unwanted.isEmpty
        ? "there is no word to look for: letters or digits"
        : "NOT leaves out what is found by other words; say at least one that must be there"
      throw Malformed(message: message, position: start)
    }
    return wanted.count == 1 && unwanted.isEmpty ? wanted[0] : .all(wanted, except: unwanted)
  }

  /// What OR joins; nil if it is made of signs alone, which count for nothing.
  private mutating func factor() throws(SearchQuery.Malformed) -> Factor? {
    var start = position
    var alternatives: [SearchQuery.Part] = []
    var first = try term()
    if let first, !first.isUnwanted { alternatives.append(first.part) }
    while try next() == "OR" {
      let sign = position
      position += 2
      guard first?.isUnwanted != true else {
        throw Malformed(message: "NOT cannot be one side of OR; put it beside, in parentheses", position: start)
      }
      start = position
      guard try next() != nil else { throw Malformed(message: "a word is missing after `OR`", position: sign) }
      start = position
      first = try term()
      if let first, !first.isUnwanted { alternatives.append(first.part) }
      guard first?.isUnwanted != true else {
        throw Malformed(message: "NOT cannot be one side of OR; put it beside, in parentheses", position: start)
      }
    }
    if let first, first.isUnwanted { return first }
    guard let only = alternatives.first else { return nil }
    return Factor(part: alternatives.count == 1 ? only : .any(alternatives))
  }

  private mutating func term() throws(SearchQuery.Malformed) -> Factor? {
    guard let word = try next() else {
      throw Malformed(message: "a word is missing here", position: position)
    }
    if word == "OR" { throw Malformed(message: "a word is missing before `OR`", position: position) }
    let start = position
    if word == "NOT" {
      position += 3
      guard try next() != nil else { throw Malformed(message: "a word is missing after `NOT`", position: start) }
      return try simple().map { Factor(part: $0, isUnwanted: true) }
    }
    if characters[position] == "-", position + 1 < characters.count, !Self.isSpace(characters[position + 1]) {
      position += 1
      return try simple().map { Factor(part: $0, isUnwanted: true) }
    }
    return try simple().map { Factor(part: $0) }
  }

  private mutating func simple() throws(SearchQuery.Malformed) -> SearchQuery.Part? {
    let start = position
    switch characters[position] {
    case "(":
      guard depth < SearchQuery.depthMax else {
        throw Malformed(
          message: "parentheses are nested at most \(SearchQuery.depthMax) deep", position: start,
          max: SearchQuery.depthMax)
      }
      depth += 1
      position += 1
      let part = try query()
      guard position < characters.count else {
        throw Malformed(message: "the parenthesis is never closed", position: start)
      }
      position += 1
      depth -= 1
      return part
    case "\"":
      position += 1
      guard let end = characters[position...].firstIndex(of: "\"") else {
        throw Malformed(message: "the quotation mark is never closed", position: start)
      }
      let text = characters[position..<end]
      position = end + 1
      return try term(text, at: start + 1)
    default:
      let end = characters[position...].firstIndex { Self.isSpace($0) || "\"()".unicodeScalars.contains($0) }
      let text = characters[position..<(end ?? characters.count)]
      position = end ?? characters.count
      return try term(text, at: start)
    }
  }

  /// A word or a phrase; nil if it has neither letters nor digits.
  private mutating func term(
    _ text: ArraySlice<Unicode.Scalar>, at start: Int
  ) throws(SearchQuery.Malformed) -> SearchQuery.Part? {
    var text = text
    var isPrefix = false
    if text.last == "*" {
      text.removeLast()
      isPrefix = true
    } else if position < characters.count, characters[position] == "*", text.endIndex < position {
      position += 1
      isPrefix = true
    }
    if let star = text.firstIndex(of: "*") {
      throw Malformed(message: "`*` stands at the end of a word, for whatever it goes on with", position: star)
    }
    let phrase = SearchTokenizer.phrase(String(String.UnicodeScalarView(text)), isPrefix: isPrefix)
    guard let last = phrase.words.last else {
      guard !isPrefix else { throw Malformed(message: "letters or digits are missing before the `*`", position: start) }
      return nil
    }
    let isUnspaced = last.unicodeScalars.first.map { SearchFolding.role(of: $0) == .unspaced } ?? false
    guard !isPrefix || isUnspaced || last.unicodeScalars.count >= SearchQuery.prefixLengthMin else {
      throw Malformed(
        message: "at least \(SearchQuery.prefixLengthMin) letters or digits stand before a `*`", position: start)
    }
    guard terms.count < SearchQuery.termCountMax else {
      throw Malformed(
        message: "a search has at most \(SearchQuery.termCountMax) words and phrases", position: start,
        max: SearchQuery.termCountMax)
    }
    terms.append(SearchQuery.Term(words: phrase.words, isPrefix: phrase.isPrefix))
    return .term(terms.count - 1)
  }

  /// The word that comes next, of which nothing is taken; nil at the end of the query or of what is in parentheses.
  private mutating func next() throws(SearchQuery.Malformed) -> String? {
    while position < characters.count, Self.isSpace(characters[position]) { position += 1 }
    guard position < characters.count else { return nil }
    guard characters[position] != ")" else {
      guard depth > 0 else { throw Malformed(message: "this parenthesis closes none", position: position) }
      return nil
    }
    let end = characters[position...].firstIndex { Self.isSpace($0) || "\"()".unicodeScalars.contains($0) }
    return String(String.UnicodeScalarView(characters[position..<(end ?? characters.count)]))
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
}
