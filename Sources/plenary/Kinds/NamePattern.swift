/// The pattern of a kind's names, such as `dialogues/{dialogue}/workingGroups/{working_group}`.
struct NamePattern: Equatable, Sendable {
  /// The pattern as the API declares it.
  let text: String
  private let segments: [Substring]

  init(_ text: String) {
    self.text = text
    segments = text.split(separator: "/")
  }

  /// Whether records of the kind lie in records of another.
  var hasParent: Bool { segments.count > 2 }

  /// The pattern of the parent's names; empty for a kind that has none.
  var parent: NamePattern { NamePattern(segments.dropLast(2).joined(separator: "/")) }

  /// The parent that stands for all of them, such as `dialogues/-`; empty for a kind that has none.
  var anyParent: String { segments.dropLast(2).map { isVariable($0) ? "-" : $0 }.joined(separator: "/") }

  /// Whether a text is a whole name after this pattern.
  func matches(_ name: String) -> Bool {
    let parts = Self.split(name)
    return parts.count == segments.count
      && zip(segments, parts).allSatisfy { isVariable($0) ? !$1.isEmpty : $0 == $1 }
  }

  /// The name that ids alone stand for, such as `asia-ict-ct-3/wg-1`; nil if there are too few or too many.
  func name(ids text: String) -> String? {
    let ids = Self.split(text)
    guard ids.count == segments.count(where: isVariable), !ids.contains("") else { return nil }
    var next = ids.makeIterator()
    return segments.map { (isVariable($0) ? next.next() : nil) ?? $0 }.joined(separator: "/")
  }

  /// A name taken apart: the parent, empty for a kind that has none, and the id.
  static func parts(of name: String) -> (parent: String, id: String) {
    let segments = split(name)
    return (segments.dropLast(2).joined(separator: "/"), segments.last.map(String.init) ?? "")
  }

  private func isVariable(_ segment: Substring) -> Bool { segment.first == "{" }

  private static func split(_ name: String) -> [Substring] {
    name.split(separator: "/", omittingEmptySubsequences: false)
  }
}
