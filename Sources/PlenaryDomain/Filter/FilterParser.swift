/// Reads filters of AIP-160, whose grammar this is:
///
///     filter      = [expression]
///     expression  = sequence {"AND" sequence}
///     sequence    = factor {factor}
///     factor      = term {"OR" term}
///     term        = ["NOT" | "-"] simple
///     simple      = restriction | composite
///     restriction = comparable [comparator arg]
///     comparable  = member | function
///     member      = value {"." field}
///     function    = name {"." name} "(" [arg {"," arg}] ")"
///     composite   = "(" expression ")"
///     arg         = comparable | composite
///
/// OR binds tighter than AND, and what merely follows is joined as by AND. A composite after a comparator holds values
/// only, and the comparison is made with each. A name on a path may stand between backticks too, as in masks. The
/// parenthesis of a function follows its name at once.
///
/// Every error names the place where it was found, and what was expected there.
package struct FilterParser {
  /// The longest filter, in bytes: what is one character to a reader can be any number of them.
  package static let byteCountMax = 4096

  /// The most comparisons, functions and words in a filter.
  package static let termCountMax = 64

  /// The deepest nesting of parentheses.
  package static let depthMax = 16

  /// The most arguments of a function.
  package static let argumentCountMax = 8

  private static let keywords = ["AND", "OR", "NOT"]

  private var tokens: [FilterToken]
  private var index = 0
  private var termCount = 0
  private var depth = 0

  private init(_ tokens: [FilterToken]) {
    self.tokens = tokens
  }

  /// Reads a filter; an empty one holds for everything.
  package static func parse(_ text: String) throws(DomainError) -> FilterExpression {
    guard text.utf8.count <= byteCountMax else {
      throw DomainError(
        .init(
          "filter", .filterSyntax, "it has \(text.utf8.count) bytes; a filter has at most \(byteCountMax)",
          metadata: ["max": "\(byteCountMax)"]))
    }
    var parser = FilterParser(try FilterLexer.tokens(of: text))
    guard parser.current.kind != .end else { return .all([]) }
    let expression = try parser.expression()
    guard parser.current.kind == .end else {
      throw .filterSyntax("this parenthesis closes none", at: parser.current.position)
    }
    return expression
  }

  private var current: FilterToken { tokens[index] }

  private func isKeyword(_ word: String) -> Bool { current.kind == .text(word) }

  /// Sequences and what AND joins: both ask for all of them.
  private mutating func expression() throws(DomainError) -> FilterExpression {
    var factors = [try factor()]
    while ![.end, .closing].contains(current.kind) {
      if isKeyword("AND") { index += 1 }
      factors.append(try factor())
    }
    return factors.count == 1 ? factors[0] : .all(factors)
  }

  private mutating func factor() throws(DomainError) -> FilterExpression {
    var terms = [try term()]
    while isKeyword("OR") {
      index += 1
      terms.append(try term())
    }
    return terms.count == 1 ? terms[0] : .any(terms)
  }

  private mutating func term() throws(DomainError) -> FilterExpression {
    if isKeyword("NOT") {
      index += 1
      return .not(try simple())
    }
    guard case .text(let text) = current.kind, text.hasPrefix("-") else { return try simple() }
    let token = current
    if text == "-" {
      guard tokens[index + 1].position == token.end, tokens[index + 1].kind != .end else {
        throw .filterSyntax("a comparison must follow the `-` at once", at: token.position)
      }
      index += 1
    } else {
      tokens[index] = FilterToken(kind: .text(String(text.dropFirst())), position: token.position + 1, end: token.end)
    }
    return .not(try simple())
  }

  private mutating func simple() throws(DomainError) -> FilterExpression {
    current.kind == .opening ? try composite() : try restriction()
  }

  private mutating func composite() throws(DomainError) -> FilterExpression {
    let opening = current.position
    guard depth < Self.depthMax else {
      throw .filterSyntax(
        "parentheses are nested at most \(Self.depthMax) deep", at: opening, metadata: ["max": "\(Self.depthMax)"])
    }
    depth += 1
    index += 1
    let inner = try expression()
    guard current.kind == .closing else { throw .filterSyntax("the parenthesis is never closed", at: opening) }
    index += 1
    depth -= 1
    return inner
  }

  private mutating func restriction() throws(DomainError) -> FilterExpression {
    let start = current
    if case .text(let word) = start.kind, Self.keywords.contains(word) {
      throw .filterSyntax("a comparison is missing before `\(word)`", at: start.position)
    }
    try countTerm()
    let parts = try member(expecting: "a comparison, a function or a word", allowsNames: true)
    if current.kind == .opening, current.position == tokens[index - 1].end, !parts.contains(where: \.isQuoted) {
      return try call(parts, at: start.position)
    }
    guard case .comparator(let comparator) = current.kind else {
      guard !parts.contains(where: \.isName) else {
        throw .filterSyntax("a comparator such as = is missing after the name", at: current.position)
      }
      return .literal(Self.value(parts, at: start.position))
    }
    index += 1
    let path = parts.map { $0.pieces.joined(separator: "*") }
    func compared(with value: FilterValue) -> FilterExpression {
      .restriction(
        FilterRestriction(path: path, pathPosition: start.position, comparator: comparator, argument: value))
    }
    guard current.kind == .opening else { return compared(with: try argument(expecting: "a value to compare with")) }
    let position = current.position
    return try Self.distribute(try composite(), at: position, compared)
  }

  private mutating func countTerm() throws(DomainError) {
    termCount += 1
    guard termCount <= Self.termCountMax else {
      throw .filterSyntax(
        "a filter has at most \(Self.termCountMax) comparisons", at: current.position,
        metadata: ["max": "\(Self.termCountMax)"])
    }
  }

  /// The comparison with each value of a group.
  private static func distribute(
    _ values: FilterExpression, at position: Int, _ compared: (FilterValue) -> FilterExpression
  ) throws(DomainError) -> FilterExpression {
    func each(_ parts: [FilterExpression]) throws(DomainError) -> [FilterExpression] {
      var results: [FilterExpression] = []
      for part in parts { results.append(try distribute(part, at: position, compared)) }
      return results
    }
    switch values {
    case .literal(let value): return compared(value)
    case .all(let parts): return .all(try each(parts))
    case .any(let parts): return .any(try each(parts))
    case .not(let part): return .not(try distribute(part, at: position, compared))
    case .restriction(let restriction):
      throw .filterSyntax("a value was expected in the group, not a comparison", at: restriction.pathPosition)
    case .call(let call): throw .filterSyntax("a value was expected in the group, not a function", at: call.position)
    }
  }

  private mutating func call(_ parts: [Part], at position: Int) throws(DomainError) -> FilterExpression {
    index += 1
    var arguments: [FilterValue] = []
    while current.kind != .closing {
      guard arguments.count < Self.argumentCountMax else {
        throw .filterSyntax(
          "a function has at most \(Self.argumentCountMax) arguments", at: current.position,
          metadata: ["max": "\(Self.argumentCountMax)"])
      }
      if !arguments.isEmpty {
        guard current.kind == .comma else { throw .filterSyntax("a `,` or `)` was expected", at: current.position) }
        index += 1
      }
      arguments.append(try argument(expecting: "an argument of the function"))
    }
    index += 1
    if case .comparator = current.kind {
      throw .filterSyntax("a function is true or false by itself; leave the comparison out", at: current.position)
    }
    let name = parts.map { $0.pieces.joined(separator: "*") }.joined(separator: ".")
    return .call(FilterCall(name: name, position: position, arguments: arguments))
  }

  /// A value, which may be made of several parts: a number such as 1.5.
  private mutating func argument(expecting what: String) throws(DomainError) -> FilterValue {
    let position = current.position
    let parts = try member(expecting: what, allowsNames: false)
    if current.kind == .opening, current.position == tokens[index - 1].end {
      throw .filterSyntax("no function gives a value; \(what) was expected", at: position)
    }
    return Self.value(parts, at: position)
  }

  /// One part of a member.
  private struct Part {
    let pieces: [String]
    let isQuoted: Bool
    var isName = false
  }

  private static func value(_ parts: [Part], at position: Int) -> FilterValue {
    var pieces: [String] = [""]
    for (index, part) in parts.enumerated() {
      pieces[pieces.count - 1] += (index == 0 ? "" : ".") + (part.pieces.first ?? "")
      pieces += part.pieces.dropFirst()
    }
    return FilterValue(pieces: pieces, isQuoted: parts.contains(where: \.isQuoted), position: position)
  }

  private mutating func member(expecting what: String, allowsNames: Bool) throws(DomainError) -> [Part] {
    var parts = [try part(expecting: what, allowsNames: allowsNames)]
    while current.kind == .dot {
      index += 1
      parts.append(try part(expecting: "a name after the `.`", allowsNames: allowsNames))
    }
    return parts
  }

  private mutating func part(expecting what: String, allowsNames: Bool) throws(DomainError) -> Part {
    let token = current
    switch token.kind {
    case .text(let text):
      index += 1
      return Part(
        pieces: text.split(separator: "*", omittingEmptySubsequences: false).map(String.init), isQuoted: false)
    case .string(let pieces):
      index += 1
      return Part(pieces: pieces, isQuoted: true)
    case .name(let text) where allowsNames:
      index += 1
      return Part(pieces: [text], isQuoted: true, isName: true)
    case .name:
      throw .filterSyntax("backticks are for names; a value stands in quotation marks", at: token.position)
    case .dot, .comma, .opening, .closing, .comparator, .end:
      throw .filterSyntax("\(what) was expected", at: token.position)
    }
  }
}
