internal import ProtobufRuntime

/// The kinds of records, and the words that people use for kinds and names.
struct KindCatalog: Sendable {
  let kinds: [Kind]

  /// The kind that a word stands for.
  ///
  /// - Throws: a `Failure` that names the kind that was probably meant.
  func kind(_ word: String) throws(Failure) -> Kind {
    if let kind = kinds.first(where: { $0.isCalled(word) }) { return kind }
    let words = kinds.flatMap { [$0.singular, $0.plural] }
    throw Failure(
      .usage, "there is no kind '\(word)'" + Suggestion.hint(for: word, among: words),
      details: ["kinds: " + kinds.map(\.plural).joined(separator: ", ")])
  }

  /// The kind that a whole name belongs to, nil if it belongs to none.
  func kind(ofName name: String) -> Kind? {
    kinds.first { $0.pattern.matches(name) }
  }

  /// The kind of a resource type such as `plenary.registry/Dialogue`, nil if there is none.
  func kind(ofType type: String) -> Kind? {
    kinds.first { $0.resource.type == type }
  }

  /// The whole name that a text stands for as the name of a record of the kind.
  ///
  /// - Throws: a `Failure` if it is the name of another kind, or has too few or too many ids.
  func name(_ text: String, of kind: Kind) throws(Failure) -> String {
    if kind.pattern.matches(text) { return text }
    if let other = self.kind(ofName: text) {
      throw Failure(.usage, "'\(text)' is the name of a record among the \(other.plural), not the \(kind.plural)")
    }
    guard let name = kind.pattern.name(ids: text) else {
      throw Failure(.usage, "'\(text)' is no name among the \(kind.plural), which are named \(kind.pattern.text)")
    }
    return name
  }

  /// The record that the words of a command line name: a kind and a name, or a whole name alone.
  ///
  /// - Throws: a `Failure` if the kind is not known or the name is not one of its names.
  func record(_ words: [String]) throws(Failure) -> (kind: Kind, name: String) {
    guard words.count <= 2 else {
      throw Failure(.usage, "'\(words[2])' is too much", advice: "write KIND NAME, or a name such as \(example)")
    }
    if words.count == 1 {
      guard let kind = kind(ofName: words[0]) else {
        throw Failure(
          .usage, "'\(words[0])' is no whole name", advice: "write KIND NAME, or a name such as \(example)")
      }
      return (kind, words[0])
    }
    let kind = try self.kind(words[0])
    return (kind, try name(words[1], of: kind))
  }

  /// The records that the words of a command line name: a kind and names, or whole names alone; at least one.
  ///
  /// - Throws: a `Failure` if the kind is not known or a name is not one of its names.
  func records(_ words: [String]) throws(Failure) -> [(kind: Kind, name: String)] {
    guard words.count > 2 || words.count == 2 && kind(ofName: words[0]) != nil else { return [try record(words)] }
    var records: [(kind: Kind, name: String)] = []
    if kind(ofName: words[0]) != nil {
      for word in words { records.append(try record([word])) }
    } else {
      let kind = try kind(words[0])
      for word in words.dropFirst() { records.append((kind, try name(word, of: kind))) }
    }
    return records
  }

  /// The parent that a text stands for as that of records of the kind: a whole name, its ids, or `-` for all.
  ///
  /// - Throws: a `Failure` if the kind has no parents or the text is the name of none.
  func parent(_ text: String, of kind: Kind) throws(Failure) -> String {
    guard kind.pattern.hasParent, let parentKind = kinds.first(where: { $0.pattern == kind.pattern.parent }) else {
      throw Failure(.usage, "\(kind.nouns) do not lie in other records", advice: "leave out --in, or use --filter")
    }
    return text == "-" ? kind.pattern.anyParent : try name(text, of: parentKind)
  }

  /// The record that is to be created: its parent, empty for a kind that has none, and its id, empty if the registry is
  /// to make it.
  ///
  /// - Throws: a `Failure` if the parent or the id is missing, or the parent is none.
  func newRecord(_ text: String?, in parent: String?, of kind: Kind) throws(Failure) -> (parent: String, id: String) {
    guard let text else {
      guard kind.makesIDs else { throw Failure(.usage, "a \(kind.noun) needs an id", advice: "write KIND ID") }
      return try newRecord("", in: parent, of: kind)
    }
    if text.contains("/") {
      let parts = NamePattern.parts(of: try name(text, of: kind))
      guard let parent, try self.parent(parent, of: kind) != parts.parent else { return parts }
      throw Failure(.usage, "'\(text)' does not lie in '\(parent)'", advice: "leave out --in")
    }
    guard kind.pattern.hasParent else {
      guard let parent else { return ("", text) }
      return (try self.parent(parent, of: kind), text)
    }
    guard let parent, parent != "-" else {
      throw Failure(.usage, "a \(kind.noun) lies in another record", advice: "give --in PARENT")
    }
    return (try self.parent(parent, of: kind), text)
  }

  private var example: String { kinds.first?.pattern.text ?? "" }
}
