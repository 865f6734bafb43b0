/// One token of a filter, with the place where it stands.
struct FilterToken: Hashable, Sendable {
  /// The kinds of tokens.
  enum Kind: Hashable, Sendable {
    /// Characters outside quotation marks: a name, a number, a date, a keyword.
    case text(String)
    /// What stands within quotation marks, its escapes resolved, in the pieces between its `*`.
    case string([String])
    /// What stands within backticks, a doubled one for each: a name on a path, as in masks.
    case name(String)
    /// `.`
    case dot
    /// `,`
    case comma
    /// `(`
    case opening
    /// `)`
    case closing
    /// A comparator.
    case comparator(FilterComparator)
    /// The end of the filter.
    case end
  }

  /// What the token is.
  let kind: Kind

  /// Where it begins, in characters from 0.
  let position: Int

  /// Where what follows it begins.
  let end: Int
}

/// Takes a filter apart, after the grammar of AIP-160.
struct FilterLexer {
  // Unicode scalar values (AIP-210): a mark that combines with a quotation mark must not hide it.
  private let characters: [Unicode.Scalar]
  private var position = 0

  /// Prepares to read a filter.
  init(_ text: String) {
    characters = Array(text.unicodeScalars)
  }

  /// The tokens of a filter, the last of them `end`.
  static func tokens(of text: String) throws(DomainError) -> [FilterToken] {
    var lexer = FilterLexer(text)
    var tokens: [FilterToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(DomainError) -> FilterToken {
    while position < characters.count, characters[position].properties.isWhitespace { position += 1 }
    let start = position
    let kind = try kind()
    return FilterToken(kind: kind, position: start, end: position)
  }

  private mutating func kind() throws(DomainError) -> FilterToken.Kind {
    guard position < characters.count else { return .end }
    let character = characters[position]
    switch character {
    case "\"", "'": return .string(try quoted(by: character))
    case "`": return .name(try name())
    default: break
    }
    if let sign = Self.signs[character] {
      position += 1
      return sign
    }
    if let comparator = FilterComparator.allCases.first(where: { starts(with: $0.rawValue) }) {
      position += comparator.rawValue.count
      return .comparator(comparator)
    }
    let start = position
    while position < characters.count, Self.isText(characters[position]) { position += 1 }
    guard position > start else {
      throw .filterSyntax("`\(character)` is not understood; a comparator such as != was expected", at: start)
    }
    return .text(Self.string(characters[start..<position]))
  }

  private static let signs: [Unicode.Scalar: FilterToken.Kind] = [".": .dot, ",": .comma, "(": .opening, ")": .closing]

  /// A `\` takes away what the character behind it would mean.
  private mutating func quoted(by quote: Unicode.Scalar) throws(DomainError) -> [String] {
    let start = position
    var pieces: [[Unicode.Scalar]] = [[]]
    position += 1
    while position < characters.count {
      let character = characters[position]
      position += 1
      if character == quote { return pieces.map { Self.string($0[...]) } }
      if character == "*" {
        pieces.append([])
      } else if character == "\\" {
        guard position < characters.count else { break }
        pieces[pieces.count - 1].append(characters[position])
        position += 1
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    throw .filterSyntax("the quotation mark is never closed", at: start)
  }

  private mutating func name() throws(DomainError) -> String {
    let start = position
    var name: [Unicode.Scalar] = []
    position += 1
    while position < characters.count {
      let character = characters[position]
      position += 1
      guard character == "`" else {
        name.append(character)
        continue
      }
      guard position < characters.count, characters[position] == "`" else { return Self.string(name[...]) }
      name.append(character)
      position += 1
    }
    throw .filterSyntax("the backtick is never closed", at: start)
  }

  private func starts(with text: String) -> Bool {
    characters[position...].starts(with: text.unicodeScalars)
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  private static func isText(_ character: Unicode.Scalar) -> Bool {
    !character.properties.isWhitespace && !".\"'`(),<>=!:".unicodeScalars.contains(character)
  }
}

extension DomainError {
  /// A filter or order that cannot be read, with the place of the error in characters from 0.
  static func filterSyntax(_ message: String, at position: Int, metadata: [String: String] = [:]) -> DomainError {
    filter(.filterSyntax, message, at: position, metadata: metadata)
  }

  /// What is wrong at a place of a filter, in characters from 0.
  static func filter(
    _ reason: Reason, _ message: String, at position: Int, metadata: [String: String] = [:]
  ) -> DomainError {
    let metadata = metadata.merging(["position": String(position)]) { given, _ in given }
    return DomainError(.init("filter", reason, "\(message) (at character \(position + 1))", metadata: metadata))
  }
}
