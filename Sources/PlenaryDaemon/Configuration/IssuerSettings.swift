internal import Foundation
internal import PlenaryDomain

/// What is configured of the issuer of signed tokens.
struct IssuerSettings: Hashable, Sendable {
  /// What is asked of its tokens; the issuer or the audience empty if they are not set.
  var rules = TokenIssuer.Rules(issuer: "", audience: "")

  /// The file with its keys.
  var keysFile: String?

  /// Checks that the parts that are set belong together.
  /// - Throws: which part lacks which other.
  func check() throws(DaemonFailure) {
    let parts = [
      ("jwt.issuer", !rules.issuer.isEmpty), ("jwt.audience", !rules.audience.isEmpty),
      ("jwt.keys_file", keysFile != nil), ("jwt.organizations", !rules.organizations.isEmpty),
    ]
    guard let first = parts.first(where: \.1), let missing = parts.first(where: { !$0.1 }) else { return }
    throw DaemonFailure(.usage, "\(missing.0) is missing, which \(first.0) needs; set it too")
  }

  /// The issuer with its keys as they are in the file now; nil if there is none.
  /// - Throws: what is wrong with the file, and what to do.
  func issuer() throws(DaemonFailure) -> TokenIssuer? {
    try check()
    guard let keysFile else { return nil }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: keysFile))
      let bytes = try handle.read(upToCount: IssuerKeys.byteCountMax + 1) ?? Data()
      return TokenIssuer(rules, keys: try IssuerKeys(json: Array(bytes)))
    } catch let error as IssuerKeys.Malformed {
      throw DaemonFailure(.failed, "jwt.keys_file: \(keysFile) \(error)")
    } catch {
      throw DaemonFailure(.failed, "jwt.keys_file: \(keysFile) cannot be read; name the file with the issuer's JWK Set")
    }
  }
}
