internal import Crypto
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// Somebody who vouches for callers by signed tokens (JWT, RFC 7519), as an issuer of OpenID Connect does.
///
/// What was verified is remembered, so that a call costs a digest and not a signature.
package final class TokenIssuer: Sendable {
  /// What is asked of a token.
  package struct Rules: Hashable, Sendable {
    /// Who has to have made it (`iss`).
    package var issuer: String

    /// For whom it has to be made (`aud`).
    package var audience: String

    /// The claim that says whom it is about.
    package var claim = "sub"

    /// By how much the clocks of the issuer and of the registry may differ.
    package var clockSkew = Duration.seconds(30)

    /// For which organizations' clients it may speak; `*` stands for every client.
    package var organizations: Set<String> = []

    /// Rules for the tokens of an issuer that are made for an audience.
    package init(issuer: String, audience: String) {
      self.issuer = issuer
      self.audience = audience
    }
  }

  /// Whom a token is about, and until when it is good.
  struct Verified: Sendable {
    let identity: ClientIdentity
    let notBefore: CommitTime
    let expireTime: CommitTime
  }

  /// The most bytes of a token.
  static let byteCountMax = 8192

  /// The most tokens that are remembered; beyond that it begins anew.
  private static let rememberedMax = 4096

  private let rules: Rules
  private let keys: IssuerKeys
  private let unknownKey: @Sendable () -> Void
  private let remembered = Mutex<[[UInt8]: Verified]>([:])

  /// An issuer with its keys. `unknownKey` is called when a token names a key that is not among them.
  package init(_ rules: Rules, keys: IssuerKeys, unknownKey: @escaping @Sendable () -> Void = {}) {
    self.unknownKey = unknownKey
    self.rules = rules
    self.keys = keys
  }

  /// Whom a token is about, and until when it is good; nil if it is none of this issuer that is good now.
  ///
  /// - Parameter ifRemembered: Whether it has to have been verified before.
  func verify(_ text: some StringProtocol, at now: CommitTime, ifRemembered: Bool = false) -> Verified? {
    guard text.utf8.count <= Self.byteCountMax else { return nil }
    let bytes = Array(text.utf8)
    let digest = Array(SHA256.hash(data: bytes))
    let known = remembered.withLock { $0[digest] }
    guard let verified = known ?? (ifRemembered ? nil : read(bytes)) else { return nil }
    if known == nil {
      remembered.withLock { remembered in
        if remembered.count >= Self.rememberedMax { remembered = [:] }
        remembered[digest] = verified
      }
    }
    return verified.notBefore <= now && now < verified.expireTime ? verified : nil
  }

  /// Whether it may speak for the clients of an organization; empty for those that act for none.
  func speaks(for organization: String) -> Bool {
    rules.organizations.contains("*") || !organization.isEmpty && rules.organizations.contains(organization)
  }

  /// Reads a token in the compact form of RFC 7515 §3.1, whose signature and claims are as they have to be. The time is
  /// looked at each time.
  private func read(_ bytes: [UInt8]) -> Verified? {
    let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]), let signature = Self.decode(parts[2]),
      let algorithm = header.member("alg")?.text,
      // RFC 7515 §4.1.11: what has to be understood is not understood here.
      header.member("crit") == nil, Self.isOfType(header)
    else { return nil }
    let keyID = header.member("kid")?.text
    if let keyID, !keys.holds(keyID) {
      unknownKey()
      return nil
    }
    guard keys.hasSigned(Array(bytes[..<parts[1].endIndex]), signature, algorithm: algorithm, keyID: keyID),
      let claims = Self.object(parts[1])
    else { return nil }
    return verified(claims)
  }

  /// RFC 8725 §3.11: tokens of other types are not taken for ones that say who calls.
  private static func isOfType(_ header: JSONNode) -> Bool {
    guard let type = header.member("typ") else { return true }
    return ["jwt", "at+jwt", "application/at+jwt"].contains(type.text?.lowercased())
  }

  private func verified(_ claims: JSONNode) -> Verified? {
    guard claims.member("iss")?.text == rules.issuer, isForUs(claims), let subject = claims.member(rules.claim)?.text,
      let identity = ClientIdentity(issuer: rules.issuer, subject: subject),
      let end = claims.member("exp")?.numericDate
    else { return nil }
    var begin = Int64.min / 2
    for name in ["nbf", "iat"] {
      guard let claim = claims.member(name) else { continue }
      guard let time = claim.numericDate else { return nil }
      begin = max(begin, time)
    }
    let skew = rules.clockSkew.components.seconds * 1_000_000
    return Verified(
      identity: identity, notBefore: CommitTime(microseconds: begin - skew),
      expireTime: CommitTime(microseconds: end + skew))
  }

  /// RFC 7519 §4.1.3: one audience, or several.
  private func isForUs(_ claims: JSONNode) -> Bool {
    switch claims.member("aud")?.value {
    case .string(let audience)?: audience == rules.audience
    case .array(let audiences)?: audiences.contains { $0.text == rules.audience }
    default: false
    }
  }

  /// RFC 7515 §2: the alphabet for URLs, without padding.
  private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
    guard !part.contains(where: { [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")].contains($0) }) else {
      return nil
    }
    return Base64.decode(part, allowsURLAlphabet: true)
  }

  private static func object(_ part: ArraySlice<UInt8>) -> JSONNode? {
    // What is no JSON is no token; more is not told of it.
    guard let bytes = decode(part), let node = try? JSONParser.parse(bytes, nestingMax: 10),
      case .object = node.value
    else { return nil }
    return node
  }
}
