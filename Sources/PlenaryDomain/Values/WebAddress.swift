/// The addresses that records may carry: absolute http and https URLs, kept byte for byte.
package enum WebAddress {
  /// The longest address, in characters.
  package static let lengthMax = 2048

  /// What an address looks like, in words.
  package static let rule = "an absolute http or https address of at most \(lengthMax) printable ASCII characters"

  /// Whether the text is an address. Credentials before the host are refused: a record is read by many.
  package static func isValid(_ text: String) -> Bool {
    guard text.utf8.count <= lengthMax, text.utf8.allSatisfy(isAllowed) else { return false }
    let lowercased = text.lowercased()
    guard let scheme = ["https://", "http://"].first(where: lowercased.hasPrefix) else { return false }
    let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    let host = authority.prefix { $0 != ":" }
    let port = authority.dropFirst(host.count)
    return isHost(host) && (port.isEmpty || isPort(port.dropFirst()))
  }

  private static func isHost(_ host: Substring) -> Bool {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }
  }

  private static func isPort(_ port: Substring) -> Bool {
    port.utf8.allSatisfy(\.isDigit) && UInt16(port) != nil
  }

  /// RFC 3986, appendix A: what may stand in a URI, reserved or not, and the percent sign.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch UnicodeScalar(byte) {
    case "a"..."z", "A"..."Z", "0"..."9": true
    case "-", ".", "_", "~", ":", "/", "?", "#", "[", "]", "@", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=":
      true
    case "%": true
    default: false
    }
  }
}
