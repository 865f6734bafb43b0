internal import Foundation
internal import PlenaryDomain
internal import SocketTransport

/// What is configured of the issuer of signed tokens.
struct IssuerSettings: Hashable, Sendable {
  /// What is asked of its tokens; the issuer or the audience empty if they are not set.
  var rules = TokenIssuer.Rules(issuer: "", audience: "")

  /// The file with its keys.
  var keysFile: String?

  /// The address of its keys, if they are not in a file, and who may have signed that server's certificate.
  var keysURL: String?
  var keysAuthorityFile: String?

  /// How often they are asked for, how long that may take, and for how long those from before count if there is no answer.
  var keysRefreshInterval = Duration.seconds(600)
  var keysTimeout = Duration.seconds(5)
  var keysStaleMax = Duration.seconds(24 * 3600)

  /// Checks that the parts that are set belong together.
  /// - Throws: which part lacks which other.
  func check() throws(DaemonFailure) {
    if keysFile != nil, keysURL != nil {
      throw DaemonFailure(.usage, "jwt.keys_file and jwt.keys_url say both where the keys are; set one of them")
    }
    if keysAuthorityFile != nil, keysURL == nil {
      throw DaemonFailure(.usage, "jwt.keys_url is missing, which jwt.keys_authority_file needs; set it too")
    }
    let parts = [
      ("jwt.issuer", !rules.issuer.isEmpty), ("jwt.audience", !rules.audience.isEmpty),
      (keysURL == nil ? "jwt.keys_file or jwt.keys_url" : "jwt.keys_url", keysFile != nil || keysURL != nil),
      ("jwt.organizations", !rules.organizations.isEmpty),
    ]
    guard let first = parts.first(where: \.1), let missing = parts.first(where: { !$0.1 }) else { return }
    throw DaemonFailure(.usage, "\(missing.0) is missing, which \(first.0) needs; set it too")
  }

  /// Where the keys are, if not in a file.
  /// - Throws: what is wrong with the address, or the file of authorities.
  func document() throws(DaemonFailure) -> WebDocument? {
    try check()
    guard let keysURL else { return nil }
    do throws(TransportError) {
      return try WebDocument(url: keysURL, authorityFile: keysAuthorityFile)
    } catch {
      throw DaemonFailure(error.code == .badTLSFile ? .failed : .usage, "jwt.keys_url: \(error.message)")
    }
  }

  /// The keys as they are in the file now; nil if there is none.
  /// - Throws: what is wrong with the file, and what to do.
  func keys() throws(DaemonFailure) -> IssuerKeys? {
    try check()
    guard let keysFile else { return nil }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: keysFile))
      let bytes = try handle.read(upToCount: IssuerKeys.byteCountMax + 1) ?? Data()
      return try IssuerKeys(json: Array(bytes))
    } catch let error as IssuerKeys.Malformed {
      throw DaemonFailure(.failed, "jwt.keys_file: \(keysFile) \(error)")
    } catch {
      throw DaemonFailure(.failed, "jwt.keys_file: \(keysFile) cannot be read; name the file with the issuer's JWK Set")
    }
  }
}
