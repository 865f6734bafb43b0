package import PlenaryStore

/// The clients that others than the registry vouch for.
extension ClientDirectory {
  /// The client that a certificate is that of; nil if there is none, or more than one.
  ///
  /// - Parameter isSpokenFor: Whether whoever has signed the certificate may speak for an organization; empty for clients that
  ///   act for none.
  package func member(
    withURIs uris: [String], subject: String, at now: CommitTime, where isSpokenFor: (String) -> Bool
  ) -> Member? {
    member(with: uris.map(ClientIdentity.uri) + [.subject(subject)], at: now, where: isSpokenFor)
  }

  /// The client that a token of an issuer is about; nil if it is no good token, or that of no client for whom the issuer may
  /// speak.
  ///
  /// - Parameter ifRemembered: Whether it has to have been verified before.
  package func member(
    withToken token: some StringProtocol, of issuer: TokenIssuer, at now: CommitTime, ifRemembered: Bool = false
  ) -> Member? {
    guard let verified = issuer.verify(token, at: now, ifRemembered: ifRemembered),
      let member = member(with: [verified.identity], at: now, where: issuer.speaks)
    else { return nil }
    return Member(
      caller: member.caller, expireTime: min(member.expireTime, verified.expireTime), meter: member.meter)
  }
}
