internal import PlenaryAPI
internal import ProtobufRuntime

/// The citations of a record, by the fields that they are about.
struct Citations {
  private var waiting: [Citation]
  private let numbers: [String: Int]

  /// The sources, in the order in which they are first cited: the first has the number 1.
  let sources: [String]

  init(_ citations: [Citation]) {
    waiting = citations
    var sources: [String] = []
    for citation in citations where !sources.contains(citation.source) { sources.append(citation.source) }
    self.sources = sources
    numbers = Dictionary(uniqueKeysWithValues: zip(sources, 1...))
  }

  /// Takes the citations of a field, in words; they are not given out again.
  ///
  /// - Parameter deep: Whether those of what lies within the field belong to it too, because it is shown as one value.
  mutating func take(_ path: String, deep: Bool = false) -> [String] {
    take { $0.fieldPath == path || deep && $0.fieldPath.hasPrefix(path + ".") }.map { words($0) }
  }

  /// Takes those that nothing asked for, each with its field.
  mutating func takeRest() -> [(path: String, words: String)] {
    take { _ in true }.map { ($0.fieldPath, words($0)) }
  }

  private mutating func take(_ isWanted: (Citation) -> Bool) -> [Citation] {
    let taken = waiting.filter(isWanted)
    waiting.removeAll(where: isWanted)
    return taken
  }

  /// A citation in words: `[1] para 1 sentence 2, normalized: Malaysia = MY`.
  private func words(_ citation: Citation) -> String {
    var words = ["[\(numbers[citation.source] ?? 0)]" + (citation.locator.isEmpty ? "" : " \(citation.locator)")]
    if citation.status != .unspecified { words.append(EnumWords.words(citation.status.description)) }
    if !citation.alternativeValue.isEmpty { words.append("or “\(citation.alternativeValue)”") }
    return "← " + words.joined(separator: ", ") + (citation.note.isEmpty ? "" : ": \(citation.note)")
  }
}
