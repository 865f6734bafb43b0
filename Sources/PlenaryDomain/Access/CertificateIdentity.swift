/// By what of its certificate a client is known: a URI, or the subject.
enum CertificateIdentity: Hashable, Sendable {
  /// A subject alternative name of kind URI (RFC 5280 §4.2.1.6).
  case uri(String)
  /// The subject as RFC 4514 writes it.
  case subject(String)

  /// The most bytes of one.
  static let byteCountMax = 512

  /// Reads one; nil if the text is none. What stands first of `:` and `=` says which of the two it is.
  init?(_ text: String) {
    guard text.utf8.count <= Self.byteCountMax, let end = text.utf8.firstIndex(where: { $0 == 0x3A || $0 == 0x3D }),
      end != text.startIndex, text.index(after: end) != text.endIndex
    else { return nil }
    if text[end] == ":" {
      guard Self.isScheme(text[..<end]), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
      self = .uri(text)
    } else {
      guard Self.isSubject(text) else { return nil }
      self = .subject(text)
    }
  }

  /// RFC 3986 §3.1.
  private static func isScheme(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { $0.isLetter || $0.isDigit || [0x2B, 0x2D, 0x2E].contains($0) }
      && text.utf8.first?.isLetter ?? false
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
