/// A test's name is a sentence about behaviour, in backticks or as the first argument of `@Test`.
enum TestRules {
  static func check(_ file: SwiftText) -> [Violation] {
    guard file.isTest else { return [] }
    return file.uses(of: ["@Test"]).compactMap { use in
      let isTitled = file.text(use.index + 1) == "(" && file.text(use.index + 2) == "\"\""
      guard let function = (use.index..<file.tokens.count).first(where: { file.tokens[$0].text == "func" }) else {
        return nil
      }
      let name = file.text(function + 1)
      guard !isTitled, !(name.hasPrefix("`") && name.contains(" ")) else { return nil }
      return Violation(
        path: file.path, line: use.token.line, rule: "test \(name) has no sentence for a name",
        remedy: "Write func `what happens when`()")
    }
  }
}
