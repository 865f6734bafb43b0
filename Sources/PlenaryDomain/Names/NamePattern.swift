/// The form of the names of one kind, such as `dialogues/{dialogue}/workingGroups/{working_group}`.
package struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it stands in the proto.
  package let description: String

  /// The collections, outermost first: `dialogues`, `workingGroups`.
  package let collections: [Substring]

  /// What stands before each id: `dialogues/`, `/workingGroups/`.
  private let prefixes: [[UInt8]]

  /// The longest name, in bytes, that is told from others by its form; no name of ours is as long.
  package static let nameByteCountMax = 512

  /// Reads a pattern of collections and variables by turns.
  package init(_ pattern: String) {
    description = pattern
    let segments = pattern.split(separator: "/", omittingEmptySubsequences: false)
    precondition(segments.count.isMultiple(of: 2), "a name pattern is pairs of a collection and a variable")
    collections = stride(from: 0, to: segments.count, by: 2).map { segments[$0] }
    prefixes = collections.enumerated().map { index, collection in
      Array(((index == 0 ? "" : "/") + collection + "/").utf8)
    }
  }

  /// The form of the parents' names; nil for a kind at the top.
  package var parent: NamePattern? {
    guard collections.count > 1 else { return nil }
    return NamePattern(description.split(separator: "/").dropLast(2).joined(separator: "/"))
  }

  /// The name that stands for all names of this form: `-` for each id.
  package var anyName: String { collections.map { "\($0)/-" }.joined(separator: "/") }

  /// Whether the name has this form, each id of it valid.
  package func matches(_ name: String) -> Bool {
    matches(name) { ResourceID.isValid($0) }
  }

  /// Whether the name has this form, where `-` may stand for any id.
  package func matchesWithWildcards(_ name: String) -> Bool {
    matches(name) { ResourceID.isValid($0) || ResourceID.isWildcard($0) }
  }

  private func matches(_ name: String, id isID: (Span<UInt8>) -> Bool) -> Bool {
    guard name.utf8.count <= Self.nameByteCountMax else { return false }
    // Every read of a record comes by here, so the name is looked at in place.
    let utf8 = name.utf8
    let text = utf8.span
    var position = 0
    for number in prefixes.indices {
      let prefix = prefixes[number]
      guard text.count - position >= prefix.count else { return false }
      for index in prefix.indices where text[position + index] != prefix[index] { return false }
      position += prefix.count
      let start = position
      while position < text.count, text[position] != Self.slash { position += 1 }
      guard isID(text.extracting(start..<position)) else { return false }
    }
    return position == text.count
  }

  private static let slash = UInt8(ascii: "/")

  /// What names of this form begin with.
  fileprivate var start: [UInt8] { prefixes[0] }

  /// Checks a name of this kind that a caller has given.
  package func check(_ name: String, field: String) throws(DomainError) {
    guard !name.isEmpty else {
      throw DomainError(.init(field, .fieldRequired, "the name is missing; it has the form `\(description)`"))
    }
    try Self.checkLength(of: name, field: field)
    guard matches(name) else {
      throw DomainError(
        .init(
          field, .idInvalid,
          "`\(name.clipped)` is not a name of the form `\(description)`, each id \(ResourceID.rule)",
          metadata: ["value": name.clipped, "pattern": description]))
    }
  }

  /// Refuses a name that is too long to be looked at.
  static func checkLength(of name: String, field: String) throws(DomainError) {
    guard name.utf8.count > nameByteCountMax else { return }
    throw DomainError(
      .init(
        field, .idInvalid, "`\(name.clipped)` has \(name.utf8.count) bytes; a name has at most \(nameByteCountMax)",
        metadata: ["value": name.clipped, "max": "\(nameByteCountMax)"]))
  }

  /// The name of the child with this id; `parent` is empty at the top.
  package func name(parent: String, id: String) -> String {
    let prefix = parent.isEmpty ? "" : parent + "/"
    return prefix + (collections.last ?? "") + "/" + id
  }

  /// The name of the parent of the record with this name; nil at the top.
  package static func parent(of name: String) -> String? {
    let segments = name.split(separator: "/")
    return segments.count > 2 ? segments.dropLast(2).joined(separator: "/") : nil
  }
}

/// Several forms of names, among which that of a name is found fast.
package struct NamePatterns: Sendable {
  private let patterns: [NamePattern]

  /// The places of the patterns by the first letter of their names: most of them have it to themselves.
  private let places: [[Int]]

  /// Takes forms in order.
  package init(_ patterns: [NamePattern]) {
    self.patterns = patterns
    var places = [[Int]](repeating: [], count: 256)
    for (place, pattern) in patterns.enumerated() { places[Int(pattern.start[0])].append(place) }
    self.places = places
  }

  /// The place of the first pattern that a name matches.
  package func firstIndex(matching name: String) -> Int? {
    guard let first = name.utf8.first else { return nil }
    return places[Int(first)].first { patterns[$0].matches(name) }
  }
}
