/// Reads filters of AIP-160, as far as they are comparisons joined by AND:
///
///     filter      = [restriction {["AND"] restriction}]
///     restriction = member comparator arg
///     member      = value {"." value}
///     arg         = member
///     value       = TEXT | STRING
///
/// A name on the path may stand between backticks too, as in masks.
///
/// Every error names the place where it was found.
package struct FilterParser {
  /// The longest filter, in bytes: what is one character to a reader can be any number of them.
  package static let byteCountMax = 4096

  /// The most comparisons in a filter.
  package static let restrictionCountMax = 32

  private let tokens: [FilterToken]
  private var index = 0

  private init(_ tokens: [FilterToken]) {
    self.tokens = tokens
  }

  /// Reads a filter; an empty one has no comparisons.
  package static func parse(_ text: String) throws(DomainError) -> [FilterRestriction] {
    guard text.utf8.count <= byteCountMax else {
      throw DomainError(
        .init(
          "filter", .filterSyntax, "it has \(text.utf8.count) bytes; a filter has at most \(byteCountMax)",
          metadata: ["max": "\(byteCountMax)"]))
    }
    var parser = FilterParser(try FilterLexer.tokens(of: text))
    var restrictions: [FilterRestriction] = []
    while parser.current.kind != .end {
      guard restrictions.count < restrictionCountMax else {
        throw .filterSyntax("a filter has at most \(restrictionCountMax) comparisons", at: parser.current.position)
      }
      if !restrictions.isEmpty { parser.skipConjunction() }
      restrictions.append(try parser.restriction())
    }
    return restrictions
  }

  private var current: FilterToken { tokens[index] }

  /// AIP-160 joins comparisons that merely follow each other as AND does.
  private mutating func skipConjunction() {
    if current.kind == .text("AND") { index += 1 }
  }

  private mutating func restriction() throws(DomainError) -> FilterRestriction {
    let pathPosition = current.position
    if case .text(let word) = current.kind, ["OR", "NOT", "AND"].contains(word) || word.hasPrefix("-") {
      throw .filterSyntax("`\(word)` is not understood here; a filter is comparisons joined by AND", at: pathPosition)
    }
    let path = try member(expecting: "the name of a field", allowsNames: true)
    guard case .comparator(let comparator) = current.kind else {
      let name = path.map(\.text).joined(separator: ".")
      throw .filterSyntax("a comparator such as = is missing after `\(name)`", at: current.position)
    }
    index += 1
    let argumentPosition = current.position
    let argument = try member(expecting: "a value to compare with", allowsNames: false)
    return FilterRestriction(
      path: path.map(\.text), pathPosition: pathPosition, comparator: comparator,
      argument: .init(
        text: argument.map(\.text).joined(separator: "."), isQuoted: argument.contains(where: \.isQuoted)),
      argumentPosition: argumentPosition)
  }

  private mutating func member(
    expecting what: String, allowsNames: Bool
  ) throws(DomainError) -> [FilterRestriction.Argument] {
    var parts = [try value(expecting: what, allowsNames: allowsNames)]
    while current.kind == .dot {
      index += 1
      parts.append(try value(expecting: what, allowsNames: allowsNames))
    }
    return parts
  }

  private mutating func value(
    expecting what: String, allowsNames: Bool
  ) throws(DomainError) -> FilterRestriction.Argument {
    let token = current
    switch token.kind {
    case .text(let text):
      index += 1
      return .init(text: text, isQuoted: false)
    case .string(let text):
      index += 1
      return .init(text: text, isQuoted: true)
    case .name(let text) where allowsNames:
      index += 1
      return .init(text: text, isQuoted: true)
    case .name:
      throw .filterSyntax("backticks are for names; a value stands in quotation marks", at: token.position)
    case .dot, .comparator, .end:
      throw .filterSyntax("\(what) is missing", at: token.position)
    }
  }
}
