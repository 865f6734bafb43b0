internal import PlenaryAPI
internal import ProtobufRuntime

/// The values of enums as people write them.
enum EnumWords {
  /// The words of a value: `CO_ORGANIZER` is `co-organizer`, `UN_PRINCIPAL_ORGAN` is `UN principal organ`.
  static func words(_ name: String) -> String {
    let words = name.split(separator: "_").map { abbreviations.contains($0) ? String($0) : $0.lowercased() }
    return words.joined(separator: " ").replacing("co ", with: "co-", maxReplacements: name.hasPrefix("CO_") ? 1 : 0)
  }

  private static let abbreviations: Set<Substring> = ["UN", "ROR", "IATI", "TLP"]

  /// The words of a number; the number itself where the enum does not know it.
  static func words(_ number: Int32, of type: any ProtobufEnum.Type) -> String {
    type.descriptor.name(of: number).map(words) ?? "\(number)"
  }

  /// The number that a word stands for, in any letter case, with hyphens, underscores or spaces between its parts.
  ///
  /// - Throws: a `Failure` that names the value that was probably meant.
  static func number(_ word: String, of type: any ProtobufEnum.Type) throws(Failure) -> Int32 {
    let values = type.descriptor.values
    if let value = values.first(where: { folded($0.name) == folded(word) }) { return value.number }
    if type == Marking.Label.self, word.uppercased().hasPrefix("TLP:") { return try MarkingWords.number(word) }
    // The value with number zero stands for no value at all.
    let names = values.filter { $0.number != 0 }.map(\.name)
    throw Failure(
      .usage, "there is no value '\(word)'" + Suggestion.hint(for: word, among: names),
      details: ["values: " + names.joined(separator: ", ")])
  }

  private static func folded(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  }
}
