internal import PlenaryAPI

extension Kind {
  /// Documents that values are cited from.
  static let source = Kind(SourceRules(), defaultLabel: .clear, indexed: ["language_code", "publish_date"])
}

private struct SourceRules: KindRules {
  func check(_ source: Source, replacing previous: Source?, _ findings: inout Findings) {
    let digest = source.contentDigest
    guard !digest.isEmpty else { return }
    let prefix = "sha-256:"
    let digits = digest.dropFirst(prefix.count).utf8
    guard digest.hasPrefix(prefix), digits.count == 64, digits.allSatisfy({ $0.isDigit || (0x61...0x66).contains($0) })
    else {
      findings.add(
        "content_digest", .identifierInvalid, "it must be `\(prefix)` and 64 hexadecimal digits in lower case",
        metadata: ["value": digest.clipped])
      return
    }
  }
}
