/// What somebody else than the registry has signed and a client is known by.
enum ClientIdentity: Hashable, Sendable {
  /// A subject alternative name of kind URI in a certificate (RFC 5280 §4.2.1.6).
  case uri(String)
  /// The subject of a certificate as RFC 4514 writes it.
  case subject(String)
  /// The subject of a token, as its issuer knows it.
  case issued(issuer: String, subject: String)

  /// The most bytes of one.
  static let byteCountMax = 512

  /// Reads that of a certificate; nil if the text is none. What stands first of `:` and `=` says which of the two it is.
  init?(certificate text: String) {
    guard text.utf8.count <= Self.byteCountMax, let end = text.utf8.firstIndex(where: { $0 == 0x3A || $0 == 0x3D }),
      end != text.startIndex, text.index(after: end) != text.endIndex
    else { return nil }
    if text[end] == ":" {
      guard Self.isURI(text) else { return nil }
      self = .uri(text)
    } else {
      guard Self.isSubject(text) else { return nil }
      self = .subject(text)
    }
  }

  /// Reads that of a token: the issuer, a space and the subject; nil if the text is none.
  init?(issued text: String) {
    let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let issuer = parts.first, let subject = parts.last else { return nil }
    self.init(issuer: String(issuer), subject: String(subject))
  }

  /// That of a token; nil if there can be none.
  init?(issuer: String, subject: String) {
    guard issuer.utf8.count + 1 + subject.utf8.count <= Self.byteCountMax, Self.isURI(issuer), !subject.isEmpty,
      subject.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else { return nil }
    self = .issued(issuer: issuer, subject: subject)
  }

  /// RFC 3986 §3.1: a scheme, a colon and something, all of it in printable ASCII.
  private static func isURI(_ text: String) -> Bool {
    guard let end = text.utf8.firstIndex(of: 0x3A), text.index(after: end) != text.endIndex,
      text.utf8.first?.isLetter ?? false
    else { return false }
    return text[..<end].utf8.allSatisfy { $0.isLetter || $0.isDigit || [0x2B, 0x2D, 0x2E].contains($0) }
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Attributes, with `,` or `+` between them that no backslash stands before. Only as it is written for a certificate it can
  /// be found, so spaces around an attribute are refused.
  private static func isSubject(_ text: String) -> Bool {
    var attributes = [""]
    var isEscaped = false
    for scalar in text.unicodeScalars {
      guard scalar.value >= 0x20, scalar.value != 0x7F else { return false }
      if !isEscaped, scalar == "," || scalar == "+" {
        attributes.append("")
      } else {
        attributes[attributes.count - 1].unicodeScalars.append(scalar)
      }
      isEscaped = !isEscaped && scalar == "\\"
    }
    return !isEscaped && attributes.allSatisfy(isAttribute)
  }

  private static func isAttribute(_ text: String) -> Bool {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return false }
    let type = text[..<sign]
    let value = text[text.index(after: sign)...]
    return type.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2E }
      && !value.hasPrefix(" ") && (!value.hasSuffix(" ") || value.hasSuffix("\\ "))
  }
}
