/// Which way a language is written.
enum TextDirection: String {
  case leftToRight = "ltr"
  case rightToLeft = "rtl"

  private static let languages: Set<Substring> = [
    "ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "prs", "ps", "sd", "syr", "ug", "ur", "yi",
  ]
  private static let scripts: Set<Substring> = ["adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"]

  /// The direction of a language, by its tag.
  init(_ tag: String) {
    let parts = tag.lowercased().split(separator: "-")
    if let script = parts.dropFirst().first(where: { $0.count == 4 && $0.first?.isLetter == true }) {
      self = Self.scripts.contains(script) ? .rightToLeft : .leftToRight
    } else {
      self = parts.first.map(Self.languages.contains) == true ? .rightToLeft : .leftToRight
    }
  }
}
