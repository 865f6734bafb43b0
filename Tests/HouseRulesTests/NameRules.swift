/// Names that say nothing are refused; the words stand in `.githooks/banned-names`, which the pre-commit hook reads too.
enum NameRules {
  static func bannedWords(in tree: SourceTree) -> Set<String> {
    let lines = (tree.text(of: ".githooks/banned-names") ?? "").split(separator: "\n")
    return Set(lines.filter { !$0.hasPrefix("#") }.map(String.init))
  }

  static func check(_ file: SwiftText, banned: Set<String>) -> [Violation] {
    let fileName = file.path.split(separator: "/").last?.split(separator: ".").first ?? ""
    let names =
      [(name: String(fileName), line: 1)]
      + file.declarations.filter(\.isNamedType).map { (name: $0.name, line: $0.lines.lowerBound) }
    return names.compactMap { entry in
      guard let word = words(of: entry.name).first(where: banned.contains) else { return nil }
      return Violation(
        path: file.path, line: entry.line, rule: "\(entry.name) is called a \(word)",
        remedy: "Say what it is in the field's words")
    }
  }

  /// The words of a name in camel case: `HTTP2StreamInfo` ends with `Info`, `Information` does not hold it.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    var previousIsLower = false
    for character in name {
      guard character.isLetter || character.isNumber else {
        previousIsLower = false
        words.append("")
        continue
      }
      if words.isEmpty || character.isUppercase && previousIsLower { words.append("") }
      words[words.count - 1].append(character)
      previousIsLower = !character.isUppercase
    }
    return words.filter { !$0.isEmpty }
  }
}
