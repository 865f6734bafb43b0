/// The last segment of a resource's name, which whoever creates the resource chooses.
package enum ResourceID {
  /// Stands for every parent in the name of a list's parent; never an id.
  package static let wildcard = "-"

  /// Stands for the newest revision in names of revisions; never an id.
  private static let reserved: Set<String> = ["latest"]

  private static let length = 1...63

  /// What an id looks like, in words.
  package static let rule =
    "a lower-case letter, then up to 62 lower-case letters, digits and hyphens, the last one not a hyphen"

  /// Whether the text can be an id.
  package static func isValid(_ text: some StringProtocol) -> Bool {
    guard length.contains(text.utf8.count), let first = text.utf8.first else { return false }
    return first.isLowercaseLetter && !text.hasSuffix("-")
      && text.utf8.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
      && !reserved.contains(String(text))
  }

  /// Checks an id that a caller has chosen for a new resource.
  package static func check(_ text: String, field: String) throws(DomainError) {
    guard !text.isEmpty else {
      throw DomainError(.init(field, .fieldRequired, "the id of the new record is missing; it is \(rule)"))
    }
    guard isValid(text) else {
      throw DomainError(
        .init(
          field, .idInvalid, "`\(text)` cannot be an id; one is \(rule), and not `latest`", metadata: ["value": text]))
    }
  }
}
