/// One token of a filter, with the place where it stands.
struct FilterToken: Hashable, Sendable {
  /// The kinds of tokens.
  enum Kind: Hashable, Sendable {
    /// Characters outside quotation marks: a name, a number, a date, a keyword.
    case text(String)
    /// What stands within quotation marks, its escapes resolved.
    case string(String)
    /// What stands within backticks, a doubled one for each: a name on a path, as in masks.
    case name(String)
    /// `.`
    case dot
    /// A comparator.
    case comparator(FilterComparator)
    /// The end of the filter.
    case end
  }

  /// What the token is.
  let kind: Kind

  /// Where it begins, in characters from 0.
  let position: Int
}

/// Takes a filter apart, after the grammar of AIP-160.
struct FilterLexer {
  private let characters: [Character]
  private var position = 0

  /// Prepares to read a filter.
  init(_ text: String) {
    characters = Array(text)
  }

  /// The tokens of a filter, the last of them `end`.
  static func tokens(of text: String) throws(DomainError) -> [FilterToken] {
    var lexer = FilterLexer(text)
    var tokens: [FilterToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(DomainError) -> FilterToken {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
    let start = position
    guard position < characters.count else { return FilterToken(kind: .end, position: start) }
    let character = characters[position]
    if character == "\"" || character == "'" {
      return FilterToken(kind: .string(try quoted(by: character)), position: start)
    }
    if character == "`" { return FilterToken(kind: .name(try name()), position: start) }
    if character == "." {
      position += 1
      return FilterToken(kind: .dot, position: start)
    }
    if let comparator = FilterComparator.allCases.first(where: { starts(with: $0.rawValue) }) {
      position += comparator.rawValue.count
      return FilterToken(kind: .comparator(comparator), position: start)
    }
    guard !"(),!".contains(character) else {
      throw .filterSyntax(
        "`\(character)` is not understood here; a filter is comparisons joined by AND", at: start)
    }
    while position < characters.count, Self.isText(characters[position]) { position += 1 }
    return FilterToken(kind: .text(String(characters[start..<position])), position: start)
  }

  private mutating func quoted(by quote: Character) throws(DomainError) -> String {
    let start = position
    var content = ""
    position += 1
    while position < characters.count {
      let character = characters[position]
      position += 1
      if character == quote { return content }
      if character == "\\" {
        guard position < characters.count else { break }
        content.append(characters[position])
        position += 1
      } else {
        content.append(character)
      }
    }
    throw .filterSyntax("the quotation mark is never closed", at: start)
  }

  private mutating func name() throws(DomainError) -> String {
    let start = position
    var name = ""
    position += 1
    while position < characters.count {
      let character = characters[position]
      position += 1
      guard character == "`" else {
        name.append(character)
        continue
      }
      guard position < characters.count, characters[position] == "`" else { return name }
      name.append(character)
      position += 1
    }
    throw .filterSyntax("the backtick is never closed", at: start)
  }

  private func starts(with text: String) -> Bool {
    characters[position...].starts(with: text)
  }

  private static func isText(_ character: Character) -> Bool {
    !character.isWhitespace && !".\"'`(),<>=!:".contains(character)
  }
}

extension DomainError {
  /// A filter or order that cannot be read, with the place of the error in characters from 0.
  static func filterSyntax(_ message: String, at position: Int, metadata: [String: String] = [:]) -> DomainError {
    let metadata = metadata.merging(["position": String(position)]) { given, _ in given }
    return DomainError(
      .init("filter", .filterSyntax, "\(message) (at character \(position + 1))", metadata: metadata))
  }
}
