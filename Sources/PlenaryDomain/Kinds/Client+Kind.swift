internal import PlenaryAPI
internal import PlenaryStore

extension Kind {
  /// The systems and persons that use the registry. Without a marking of its own a client is RED for nobody, which
  /// leaves those who see everything; and it is part of no export.
  static let client = Kind(
    ClientRules(), defaultLabel: .red, indexed: ["expire_time"], isExported: false, changeRole: .admin,
    hidden: "token_digests")
}

private struct ClientRules: KindRules {
  /// The most roles of a client.
  private static let roleCountMax = 50

  /// The most identities of a kind that a client has.
  private static let identityCountMax = 10

  /// Slots of derived entries.
  private enum Slot {
    static let certificate: UInt32 = 1
    static let subject: UInt32 = 2
  }

  func check(_ client: Client, replacing previous: Client?, _ findings: inout Findings) {
    if client.roles.count > Self.roleCountMax {
      findings.add(
        "roles", .listTooLong, "a client has at most \(Self.roleCountMax) roles",
        metadata: ["max": "\(Self.roleCountMax)"])
    }
    for (index, grant) in client.roles.enumerated() where !Self.isScope(grant) {
      findings.add(
        "roles.\(index).scope", .scopeInvalid,
        grant.role == .admin
          ? "an ADMIN administers the whole registry; leave the scope out"
          : "`\(grant.scope.clipped)` is neither `*` nor the name of a record; leave it out for what the client's own "
            + "organization has originated",
        metadata: ["value": grant.scope.clipped])
    }
    checkIdentities(client, &findings)
  }

  private func checkIdentities(_ client: Client, _ findings: inout Findings) {
    for (field, texts) in [
      ("certificate_identities", client.certificateIdentities), ("issuer_subjects", client.issuerSubjects),
    ] where texts.count > Self.identityCountMax {
      findings.add(
        field, .listTooLong, "a client has at most \(Self.identityCountMax) of them",
        metadata: ["max": "\(Self.identityCountMax)"])
    }
    for (index, text) in client.certificateIdentities.enumerated() where ClientIdentity(certificate: text) == nil {
      findings.add(
        "certificate_identities.\(index)", .certificateInvalid,
        "`\(text.clipped)` is neither a URI such as `spiffe://example.org/desk` nor a subject such as `CN=desk,O=Example`, "
          + "its parts joined by commas without spaces, in \(ClientIdentity.byteCountMax) bytes",
        metadata: ["value": text.clipped])
    }
    for (index, text) in client.issuerSubjects.enumerated() where ClientIdentity(issued: text) == nil {
      findings.add(
        "issuer_subjects.\(index)", .subjectInvalid,
        "`\(text.clipped)` is no issuer with a subject, such as `https://id.example.org desk-7`, in "
          + "\(ClientIdentity.byteCountMax) bytes",
        metadata: ["value": text.clipped])
    }
  }

  func derivedEntries(_ client: Client) -> [DerivedEntry] {
    let certificates = Set(client.certificateIdentities).filter { ClientIdentity(certificate: $0) != nil }
    let subjects = Set(client.issuerSubjects).filter { ClientIdentity(issued: $0) != nil }
    return certificates.sorted().map { identity in
      .unique(
        Slot.certificate, .string("\(client.organization) \(identity)"),
        taken: .init(
          "certificate_identities", .certificateTaken,
          "another client of the organization has `\(identity.clipped)`; take it out there",
          metadata: ["value": identity.clipped]))
    }
      + subjects.sorted().map { subject in
        .unique(
          Slot.subject, .string("\(client.organization) \(subject)"),
          taken: .init(
            "issuer_subjects", .subjectTaken,
            "another client of the organization has `\(subject.clipped)`; take it out there",
            metadata: ["value": subject.clipped]))
      }
  }

  private static func isScope(_ grant: Client.Grant) -> Bool {
    if grant.scope.isEmpty { return true }
    if grant.role == .admin { return false }
    return grant.scope == Rights.everywhere || KindCatalog.current.kind(named: grant.scope) != nil
  }
}
