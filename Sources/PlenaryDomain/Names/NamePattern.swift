internal import PlenaryStore

/// The form of the names of one kind, such as `dialogues/{dialogue}/workingGroups/{working_group}`.
package struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it stands in the proto.
  package let description: String

  /// The collections, outermost first: `dialogues`, `workingGroups`.
  package let collections: [Substring]

  /// What stands before the ids.
  fileprivate let prefixes: NamePrefixes

  /// The longest name, in bytes, that is told from others by its form; no name of ours is as long.
  package static let nameByteCountMax = 512

  /// Reads a pattern of collections and variables by turns.
  package init(_ pattern: String) {
    description = pattern
    let segments = pattern.split(separator: "/", omittingEmptySubsequences: false)
    precondition(segments.count.isMultiple(of: 2), "a name pattern is pairs of a collection and a variable")
    collections = stride(from: 0, to: segments.count, by: 2).map { segments[$0] }
    prefixes = NamePrefixes(collections)
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
    // Every read of a record comes by here, so the name is looked at in place.
    let utf8 = name.utf8
    return prefixes.match(utf8.span, prefixes.ranges.indices, id: isID)
  }

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
  private let prefixes: NamePrefixes

  /// The first letter of the names of each form, and the places of its prefixes.
  private let forms: [(first: UInt8, prefixes: Range<Int>)]

  /// Takes forms in order, each of which is another.
  package init(_ patterns: [NamePattern]) {
    precondition(Set(patterns.map(\.collections)).count == patterns.count, "two kinds have names of one form")
    var prefixes = NamePrefixes([])
    forms = patterns.map { pattern in
      (pattern.prefixes.letters[0], prefixes.append(pattern.prefixes))
    }
    self.prefixes = prefixes
  }

  /// The place of the first pattern that a name matches.
  package func firstIndex(matching name: String) -> Int? {
    let utf8 = name.utf8
    return firstIndex(matching: utf8.span) { ResourceID.isValid($0) }
  }

  /// The same for the key of a record of the store, whose ids are known to be valid.
  func firstIndex(matchingKey key: Span<UInt8>) -> Int? {
    firstIndex(matching: key) { _ in true }
  }

  private func firstIndex(matching text: Span<UInt8>, id isID: (Span<UInt8>) -> Bool) -> Int? {
    guard text.count > 0 else { return nil }
    let first = text[0]
    // Most forms that begin alike have another number of ids.
    var slashCount = 0
    for index in text.indices where text[index] == NamePrefixes.slash { slashCount += 1 }
    for place in forms.indices where forms[place].first == first {
      guard forms[place].prefixes.count * 2 - 1 == slashCount else { continue }
      if prefixes.match(text, forms[place].prefixes, id: isID) { return place }
    }
    return nil
  }
}

/// What stands before each id in names of one form or of several: `dialogues/`, `/workingGroups/`. It stands in one piece,
/// so that nothing has to be held while a name is compared with it.
private struct NamePrefixes: Hashable, Sendable {
  private(set) var letters: [UInt8] = []

  /// Where each prefix stands, outermost first.
  private(set) var ranges: [Range<Int>] = []

  init(_ collections: [Substring]) {
    for (index, collection) in collections.enumerated() {
      let start = letters.count
      letters += ((index == 0 ? "" : "/") + collection + "/").utf8
      ranges.append(start..<letters.count)
    }
  }

  /// Adds the prefixes of another form, and returns their places.
  mutating func append(_ others: NamePrefixes) -> Range<Int> {
    let (start, place) = (letters.count, ranges.count)
    letters += others.letters
    ranges += others.ranges.map { $0.lowerBound + start..<$0.upperBound + start }
    return place..<ranges.count
  }

  /// Whether a name consists of some of the prefixes, each with an id behind it.
  func match(_ text: Span<UInt8>, _ places: Range<Int>, id isID: (Span<UInt8>) -> Bool) -> Bool {
    guard text.count <= NamePattern.nameByteCountMax else { return false }
    let letters = letters.span
    var position = 0
    for place in places {
      let prefix = ranges[place]
      guard text.count - position >= prefix.count else { return false }
      for index in prefix {
        guard text[position] == letters[index] else { return false }
        position += 1
      }
      let start = position
      while position < text.count, text[position] != Self.slash { position += 1 }
      guard isID(text.extracting(start..<position)) else { return false }
    }
    return position == text.count
  }

  static let slash = UInt8(ascii: "/")
}
