import Foundation
import GRPCRuntime
import Testing

@testable import SocketTransport

/// Which of the authorities has signed the certificate of a client.
@Suite(.timeLimit(.minutes(10))) struct ClientAuthorityTests {
  private func files(_ certificate: TestCertificate, of authorities: [TestAuthority]) throws -> [String] {
    let known = try authorities.map { try ClientAuthority(file: $0.certificate) { _ in } }
    let file = TLSFile(path: certificate.certificate, purpose: "certificate")
    let leaf = try #require(file.certificates().first)
    return try #require(PeerCertificate(leaf, authorities: known)).authorityFiles
  }

  @Test(arguments: [
    TestAuthority.p256, ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
    ["rsa:2048"], ["ed25519"],
  ])
  func `an authority is known by its signature and not by its name`(algorithm: [String]) throws {
    let authority = try TestAuthority(key: algorithm)
    let namesake = try TestAuthority(key: algorithm)
    let client = try authority.issue("client")
    #expect(try files(client, of: [namesake, authority]) == [authority.certificate])
    #expect(try files(client, of: [namesake]) == [])
    #expect(try files(client, of: []) == [])
  }

  @Test func `a certificate tells until when it is good`() throws {
    let authority = try TestAuthority()
    let file = TLSFile(path: try authority.issue("client", days: 10).certificate, purpose: "certificate")
    let leaf = try #require(file.certificates().first)
    let peer = try #require(PeerCertificate(leaf))
    let end = Date().timeIntervalSince1970 + 10 * 86_400
    #expect(abs(Double(peer.notAfter) - end) < 600)
  }

  @Test func `an authority cannot make itself another by a name below its own`() async throws {
    let (agency, other) = (try TestAuthority(named: "agency"), try TestAuthority(named: "other"))
    let fake = try TestAuthority(named: "agency", under: other)
    let forged = try fake.issue("client")
    let chain =
      try String(contentsOfFile: forged.certificate, encoding: .utf8)
      + String(contentsOfFile: fake.certificate, encoding: .utf8)
    let shown = TestCertificate(certificate: try other.file("chain.pem", chain), key: forged.key)
    let honest = try agency.issue("client")
    try await SecureServer.run(authority: other) { tls in
      tls.clientCertificates = .required
      tls.clientAuthorityFiles = [agency.certificate, other.certificate]
    } _: { server in
      // It leads to an authority that is trusted, and neither of the two has signed it itself.
      let forgedText = try await server.identity { ($0.certificateFile, $0.keyFile) = (shown.certificate, shown.key) }
      #expect(forgedText == "CN=client localhost")
      let text = try await server.identity { ($0.certificateFile, $0.keyFile) = (honest.certificate, honest.key) }
      #expect(text == "CN=client localhost \(agency.certificate)")
    }
  }

  @Test func `whoever names authorities asks for certificates`() throws {
    let authority = try TestAuthority()
    let issued = try authority.issue("server")
    var tls = TLSServerConfiguration(certificateFile: issued.certificate, keyFile: issued.key)
    tls.clientAuthorityFiles = [authority.certificate]
    #expect(throws: TransportError.self) { try TLSServerCredentials(tls) { _ in } }
    tls.clientCertificates = .optional
    _ = try TLSServerCredentials(tls) { _ in }
    tls.clientAuthorityFiles = [issued.key]
    #expect(throws: TransportError.self) { try TLSServerCredentials(tls) { _ in } }
  }
}
