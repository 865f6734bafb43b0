import Foundation
@testable import SocketTransport
import Testing

/// RFC 4514, with `openssl` as the judge.
struct DistinguishedNameTests {
  @Test(arguments: [
    "/CN=indexer", "/C=LK/ST=Western/L=Colombo/O=Secretariat/OU=Records/CN=indexer", "/DC=org/DC=example/UID=b",
    "/CN=comma, plus \\+ quote \" less < semicolon ;", "/CN= edges ", "/CN=#hash", "/CN=Genève ශ්‍රී 日本",
    "/CN=back\\\\slash", "/emailAddress=a@example.org", "/CN=tab\there",
  ])
  func `a subject is written as openssl writes it`(subject: String) throws {
    let authority = try TestAuthority()
    let issued = try authority.issue("subject", subject: subject)
    let printed = try TestAuthority.openssl(
      "x509", "-in", issued.certificate, "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8")
    let expected = try #require(printed.split(separator: "\n").first).replacing("subject=", with: "")
    #expect(try text(of: issued) == expected)
  }

  @Test(arguments: [
    // Attributes that belong together keep the order of the certificate.
    ("/DC=org/CN=a+UID=b", "CN=a+UID=b,DC=org"),
    // The keyword of the RFC; a type that it has none for is shown as its number and the bytes of the value.
    ("/street=1 Main/CN=x", "CN=x,STREET=1 Main"),
    ("/serialNumber=17/CN=x", "CN=x,2.5.4.5=#13023137"),
  ])
  func `where openssl goes its own way, the RFC decides`(subject: String, expected: String) throws {
    let authority = try TestAuthority()
    let issued = try authority.issue("subject", subject: subject)
    #expect(try text(of: issued) == expected)
  }

  @Test func `an empty subject is an empty text`() throws {
    let authority = try TestAuthority()
    let issued = try authority.issue("empty", subject: "/")
    #expect(try text(of: issued) == "")
  }

  @Test func `bytes that are no certificate have no subject`() {
    #expect(DistinguishedName.subject(ofCertificate: []) == nil)
    #expect(DistinguishedName.subject(ofCertificate: [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
    #expect(DistinguishedName.subject(ofCertificate: [0x30, 0x02, 0x30, 0x00]) == nil)
  }

  @Test func `any change of a certificate is read or refused`() throws {
    let authority = try TestAuthority()
    let original = try der(authority.issue("mutated", subject: "/O=Example/CN=mutated"))
    var chance = SplitMix(state: 63)
    for _ in 0..<20_000 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<6, using: &chance) {
        bytes[Int.random(in: 0..<200, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
      }
      if Bool.random(using: &chance) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &chance)) }
      let text = DistinguishedName.subject(ofCertificate: bytes)?.description ?? ""
      #expect(!text.contains("\n"))
    }
  }

  private func text(of issued: TestCertificate) throws -> String {
    try #require(DistinguishedName.subject(ofCertificate: der(issued))).description
  }

  private func der(_ issued: TestCertificate) throws -> [UInt8] {
    let path = issued.certificate + ".der"
    try TestAuthority.openssl("x509", "-in", issued.certificate, "-outform", "der", "-out", path)
    return try [UInt8](Data(contentsOf: URL(filePath: path)))
  }
}
