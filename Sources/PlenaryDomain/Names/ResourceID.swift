/// The last segment of a resource's name, which whoever creates the resource chooses.
package enum ResourceID {
  /// Stands for the newest revision in names of revisions; never an id.
  private static let reserved = Array("latest".utf8)

  private static let length = 1...63

  /// What an id looks like, in words.
  package static let rule =
    "a lower-case letter, then up to 62 lower-case letters, digits and hyphens, the last one not a hyphen"

  /// Whether the text can be an id.
  package static func isValid(_ text: String) -> Bool {
    let utf8 = text.utf8
    return isValid(utf8.span)
  }

  /// Whether the bytes can be an id.
  static func isValid(_ text: Span<UInt8>) -> Bool {
    guard length.contains(text.count), text[0].isLowercaseLetter, text[text.count - 1] != hyphen else { return false }
    for index in text.indices {
      let byte = text[index]
      guard byte.isLowercaseLetter || byte.isDigit || byte == hyphen else { return false }
    }
    return !isReserved(text)
  }

  /// Whether the bytes are `-`, which stands for every parent in the name of a list's parent; never an id.
  static func isWildcard(_ text: Span<UInt8>) -> Bool {
    text.count == 1 && text[0] == hyphen
  }

  private static func isReserved(_ text: Span<UInt8>) -> Bool {
    guard text.count == reserved.count else { return false }
    for index in text.indices where text[index] != reserved[index] { return false }
    return true
  }

  /// How many bytes an id is made of where nobody chooses one.
  static let madeByteCount = 10

  /// An id made of bytes.
  static func made(of bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("x-".utf8)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  private static let hyphen = UInt8(ascii: "-")

  /// Checks an id that a caller has chosen for a new resource.
  package static func check(_ text: String, field: String) throws(DomainError) {
    guard !text.isEmpty else {
      throw DomainError(.init(field, .fieldRequired, "the id of the new record is missing; it is \(rule)"))
    }
    guard isValid(text) else {
      throw DomainError(
        .init(
          field, .idInvalid, "`\(text.clipped)` cannot be an id; one is \(rule), and not `latest`",
          metadata: ["value": text.clipped]))
    }
  }
}
