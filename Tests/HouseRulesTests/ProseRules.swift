/// What may stand in comments and in the text of the repository.
enum ProseRules {
  /// An unfinished thing names its issue; one that must not ship is not merged.
  static func checkMarks(_ file: SwiftText) -> [Violation] {
    file.commentLines.compactMap { comment in
      for (mark, remedy) in [("TODO", "Write TODO(#123) with its issue"), ("FIXME", "Mend it before it is merged")] {
        guard let range = comment.text.firstRange(of: mark) else { continue }
        if mark == "TODO", comment.text[range.upperBound...].hasPrefix("(#") { continue }
        return Violation(path: file.path, line: comment.line, rule: "\(mark) in a comment", remedy: remedy)
      }
      return nil
    }
  }

  /// Places of one machine and hosts of package registries, spelt so that this file does not hold them.
  static let foreignText = [
    "/wor" + "k/", "/w" + "t/", "/tmp/p" + "l/", "/roo" + "t/", "/hom" + "e/", "pyp" + "i.org", "pythonhoste" + "d.org",
    "deb.debia" + "n.org", "index-ur" + "l",
  ]

  static func checkPlaces(path: String, bytes: [UInt8]) -> [Violation] {
    let patterns = foreignText.map { Array($0.utf8) }
    var begins = [Bool](repeating: false, count: 256)
    for pattern in patterns { begins[Int(pattern[0])] = true }
    var found: [Violation] = []
    var line = 1
    var index = -1
    for byte in bytes {
      index += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      guard begins[Int(byte)] else { continue }
      for pattern in patterns where bytes[index...].starts(with: pattern) {
        found.append(
          Violation(
            path: path, line: line, rule: "\(String(decoding: pattern, as: UTF8.self)) belongs to one machine",
            remedy: "Use a path relative to the checkout, and no registry's name"))
      }
    }
    return found
  }
}
