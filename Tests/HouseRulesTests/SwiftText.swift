/// A Swift file taken apart far enough for house rules: code in tokens, comments by line.
///
/// Not a parser. It knows where comments, strings and regular expressions begin and end, so that a rule about code is
/// never fooled by prose, and which lines a declaration spans.
struct SwiftText: Sendable {
  struct Token: Sendable {
    /// An identifier or keyword with its `@` or `#`, a whole backticked name, one punctuation mark, or `""` for a literal.
    var text: String
    var line: Int
    /// Whether no white space stands before it.
    var isGlued: Bool
  }

  let path: String
  private(set) var tokens: [Token] = []
  private(set) var declarations: [Declaration] = []
  private(set) var lineCount = 0
  private var comments: [Int: String] = [:]
  /// The first token of each line that has code.
  private var firstTokens: [Int: String] = [:]

  init(path: String, bytes: [UInt8]) {
    self.path = path
    var scanner = SwiftScanner(bytes: bytes)
    scanner.scan()
    tokens = scanner.tokens
    comments = scanner.comments
    lineCount = bytes.last == UInt8(ascii: "\n") ? scanner.line - 1 : scanner.line
    for token in tokens where firstTokens[token.line] == nil { firstTokens[token.line] = token.text }
    declarations = Declaration.all(in: tokens)
  }

  init(path: String = "Sources/Sample/Sample.swift", _ text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// The module: the folder below Sources or Tests.
  var module: String { String(path.split(separator: "/").dropFirst().first ?? "") }

  var isTest: Bool { path.hasPrefix("Tests/") }

  var commentLines: [(line: Int, text: String)] {
    comments.map { (line: $0.key, text: $0.value) }.sorted { $0.line < $1.line }
  }

  /// Whether a comment with these words stands on the line, or directly above it among comments and attributes.
  func isCommented(_ words: String = "", at line: Int) -> Bool {
    if let comment = comments[line], comment.contains(words) { return true }
    var above = line - 1
    while above > 0 {
      let isCode = firstTokens[above].map { !$0.hasPrefix("@") } ?? false
      if let comment = comments[above] {
        if comment.contains(words) { return true }
      } else if isCode || firstTokens[above] == nil {
        return false
      }
      if isCode { return false }
      above -= 1
    }
    return false
  }

  /// Whether these words stand in a comment that covers the line: on it, earlier in its function, over a declaration
  /// that encloses it, or at the head of the file.
  func isCovered(by words: String, at line: Int) -> Bool {
    let head = 1..<max(1, tokens.first?.line ?? 1)
    if isCommented(words, at: line) || head.contains(where: { comments[$0]?.contains(words) ?? false }) { return true }
    let enclosing = declarations.filter { $0.lines.contains(line) }
    if enclosing.contains(where: { isCommented(words, at: $0.lines.lowerBound) }) { return true }
    guard let function = enclosing.last(where: \.isFunction) else { return false }
    return (function.lines.lowerBound..<line).contains { comments[$0]?.contains(words) ?? false }
  }

  func hasComment(in lines: ClosedRange<Int>) -> Bool { lines.contains { comments[$0] != nil } }

  /// The tokens whose text is one of these, with their position.
  func uses(of words: Set<String>) -> [(index: Int, token: Token)] {
    tokens.enumerated().filter { words.contains($0.element.text) }.map { (index: $0.offset, token: $0.element) }
  }

  /// The text of a token by position, empty outside the file.
  func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }
}
