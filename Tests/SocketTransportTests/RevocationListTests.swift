import Foundation
import Testing

@testable import SocketTransport

/// What authorities say of certificates that they have taken back.
@Suite(.timeLimit(.minutes(10))) struct RevocationListTests {
  private let authority: TestAuthority
  private let now = Int64(Date().timeIntervalSince1970)

  init() throws {
    authority = try TestAuthority()
  }

  @Test func `a certificate that a list names is taken back, and no other`() throws {
    let (gone, other) = (try authority.issue("gone"), try authority.issue("other"))
    let file = try authority.file("list.crl", der: list([number(of: gone)]))
    let revoked = try RevokedCertificates(file: file, of: authority.certificate, at: now)
    #expect(try revoked.contains(peer(gone)))
    #expect(try !revoked.contains(peer(other)))
    #expect(revoked.count == 1 && revoked.thisUpdate < now && revoked.nextUpdate > now)
  }

  @Test func `a list without a certificate takes none back`() throws {
    let file = try authority.file("list.crl", der: list([]))
    let revoked = try RevokedCertificates(file: file, of: authority.certificate, at: now)
    #expect(try revoked.count == 0 && !revoked.contains(peer(authority.issue("client"))))
  }

  @Test func `a file in PEM holds several lists`() throws {
    let (one, two) = (try authority.issue("one"), try authority.issue("two"))
    let lists = try [one, two].map { try list([number(of: $0)]) }
    let file = try authority.file("lists.pem", "made by hand\n" + lists.map(Self.pem).joined())
    let revoked = try RevokedCertificates(file: file, of: authority.certificate, at: now)
    #expect(try revoked.count == 2 && revoked.contains(peer(one)) && revoked.contains(peer(two)))
  }

  @Test func `the same number of another authority is not taken back`() throws {
    let namesake = try TestAuthority()
    let client = try namesake.issue("client")
    let both = try authority.file(
      "both.pem",
      String(contentsOfFile: authority.certificate, encoding: .utf8)
        + String(contentsOfFile: namesake.certificate, encoding: .utf8))
    let file = try authority.file("list.crl", der: list([number(of: client)]))
    #expect(
      try peer(client, in: [authority.certificate, namesake.certificate]).authorityFiles == [namesake.certificate])
    #expect(throws: TransportError.self) { try RevokedCertificates(file: file, of: namesake.certificate, at: now) }
    #expect(try RevokedCertificates(file: file, of: both, at: now).count == 1)
  }

  @Test func `whatever an authority has signed that was taken back itself is taken back`() throws {
    let below = try TestAuthority(named: "below", under: authority)
    let lowest = try TestAuthority(named: "lowest", under: below)
    let (client, other) = (try lowest.issue("client"), try authority.issue("other"))
    let all = try authority.file(
      "all.pem",
      [authority, below, lowest].map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }.joined())
    let numbers = try [number(of: TestCertificate(certificate: below.certificate, key: ""))]
    let revoked = try RevokedCertificates(
      file: authority.file("list.crl", der: list(numbers)), of: all, at: now)
    #expect(try revoked.contains(peer(client, in: [all])) && !revoked.contains(peer(other, in: [all])))
  }

  /// A list that is not used, and why.
  struct Unusable: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    var change: @Sendable (inout DraftList) -> Void = { _ in }
    var signer: @Sendable (TestAuthority) throws -> TestAuthority = { $0 }
    var edit: @Sendable ([UInt8]) -> [UInt8] = { $0 }
  }

  @Test(arguments: [
    Unusable(
      testDescription: "of a namesake", words: "is signed by none of the certificates in",
      signer: { _ in try TestAuthority() }),
    Unusable(testDescription: "past its time", words: "has expired; fetch", change: { $0.nextSeconds = -60 }),
    Unusable(
      testDescription: "of tomorrow", words: "is not valid yet; is the clock right?",
      change: { $0.thisSeconds = 86_400 }),
    Unusable(testDescription: "without an end", words: "does not say until when", change: { $0.nextSeconds = nil }),
    Unusable(
      testDescription: "of changes", words: "is a list of some certificates, of changes",
      change: { $0.extensions = DraftList.extension([0x55, 0x1D, 0x1B], isCritical: true) }),
    Unusable(
      testDescription: "by another", words: "is a list of some certificates, of changes",
      change: { $0.entryExtensions = DraftList.extension([0x55, 0x1D, 0x1D], isCritical: true) }),
    Unusable(
      testDescription: "with a false that is written", words: "cannot be read",
      change: { $0.extensions = DraftList.extension([0x55, 0x1D, 0x14], isCritical: false) }),
    Unusable(testDescription: "of version 3", words: "cannot be read", change: { $0.version = [0x02, 0x01, 0x02] }),
    Unusable(testDescription: "of two ways", words: "cannot be read", change: { $0.algorithm = DraftList.ecdsa384 }),
    Unusable(testDescription: "a long number", words: "cannot be read", change: { $0.numbers = [[0x00, 0x01]] }),
    Unusable(testDescription: "no number", words: "cannot be read", change: { $0.numbers = [[]] }),
    Unusable(testDescription: "more behind it", words: "cannot be read", edit: { $0 + [0x05, 0x00] }),
    Unusable(testDescription: "cut off", words: "cannot be read", edit: { $0.dropLast() }),
    Unusable(testDescription: "empty", words: "is empty", edit: { _ in [] }),
    Unusable(testDescription: "text", words: "holds no revocation list", edit: { _ in Array("hello".utf8) }),
    Unusable(
      testDescription: "PEM that does not end", words: "cannot be read",
      edit: { Array("-----BEGIN X509 CRL-----\n\(Data($0).base64EncodedString())".utf8) }),
    Unusable(
      testDescription: "PEM in no base 64", words: "cannot be read",
      edit: { _ in Array("-----BEGIN X509 CRL-----\nMA=A\n-----END X509 CRL-----\n".utf8) }),
  ])
  func `a list that cannot be used is named with the reason`(_ unusable: Unusable) throws {
    var draft = try DraftList(issuer: subject(), now: now)
    draft.numbers = [[0x01]]
    unusable.change(&draft)
    let bytes = unusable.edit(try draft.signed(by: unusable.signer(authority)))
    let file = try authority.file("list.crl", der: bytes)
    let error = try #require(throws: TransportError.self) {
      try RevokedCertificates(file: file, of: authority.certificate, at: now)
    }
    #expect(error.code == .badTLSFile)
    #expect(error.message.hasPrefix("the revocation list file \(file) ") && error.message.contains(unusable.words))
  }

  @Test func `a list is used until its last second, and once the clock has nearly come to its first`() throws {
    var draft = try DraftList(issuer: subject(), now: now)
    (draft.thisSeconds, draft.nextSeconds) = (RevokedCertificates.clockSkewMax, 1000)
    let file = try authority.file("list.crl", der: draft.signed(by: authority))
    for (time, isUsed) in [(now - 1, false), (now, true), (now + 1000, true), (now + 1001, false)] {
      let revoked = try? RevokedCertificates(file: file, of: authority.certificate, at: time)
      #expect((revoked != nil) == isUsed)
    }
  }

  @Test func `as many certificates are taken back as may be, and one more is too many`() throws {
    let numbers = (0...RevokedCertificates.countMax).map { (number: Int) -> [UInt8] in
      [0x01, UInt8(number >> 16), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
    }
    let enough = try authority.file("enough.crl", der: list(numbers.dropLast()))
    #expect(
      try RevokedCertificates(file: enough, of: authority.certificate, at: now).count == RevokedCertificates.countMax)
    let two = try authority.file("two.pem", [list(numbers.dropLast()), list([[0x01]])].map(Self.pem).joined())
    for file in try [authority.file("more.crl", der: list(numbers)), two] {
      let error = #expect(throws: TransportError.self) {
        try RevokedCertificates(file: file, of: authority.certificate, at: now)
      }
      #expect(error?.message.contains("takes back more than 100000 certificates") ?? false)
    }
  }

  @Test func `a file of the limit is read, and a longer one is not`() throws {
    let text = Self.pem(try list([]))
    let padding = String(repeating: "#", count: RevokedCertificates.bytesMax - text.utf8.count)
    let full = try authority.file("full.pem", text + padding)
    #expect(try RevokedCertificates(file: full, of: authority.certificate, at: now).count == 0)
    let long = try authority.file("long.pem", text + padding + "#")
    let error = #expect(throws: TransportError.self) {
      try RevokedCertificates(file: long, of: authority.certificate, at: now)
    }
    #expect(error?.message.contains("is longer than 8388608 bytes") ?? false)
  }

  @Test func `lists are behind others if one of an issuer is older or missing, however new the others are`() throws {
    // The second and the third have one name, and keys of their own.
    let authorities = try [authority, TestAuthority(named: "second"), TestAuthority(named: "second")]
    let all = try authority.file(
      "all.pem", authorities.map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }.joined())
    func lists(_ made: [(authority: Int, seconds: Int64)]) throws -> RevokedCertificates {
      let texts = try made.map { one in
        var draft = try DraftList(issuer: subject(of: authorities[one.authority]), now: now)
        draft.thisSeconds = one.seconds
        return Self.pem(try draft.signed(by: authorities[one.authority]))
      }
      return try RevokedCertificates(file: authority.file("lists.pem", texts.joined()), of: all, at: now)
    }
    let held = try lists([(0, -500), (1, -400), (2, -300)])
    #expect(held.thisUpdate == now - 500)
    #expect(!held.isBehind(held))
    // The same in another order, newer ones, and an older one beside one that is as new.
    #expect(try !lists([(2, -300), (0, -500), (1, -400)]).isBehind(held))
    #expect(try !lists([(0, -499), (1, -400), (2, -100)]).isBehind(held))
    #expect(try !lists([(0, -900), (0, -500), (1, -400), (2, -300)]).isBehind(held))
    // One is older by a second, and the oldest of all is not older than before.
    #expect(try lists([(0, -100), (1, -401), (2, -100)]).isBehind(held))
    #expect(try lists([(0, -501), (1, -100), (2, -100)]).isBehind(held))
    // One is missing, also if another one has its name.
    #expect(try lists([(0, -100), (1, -100)]).isBehind(held))
    #expect(try lists([(1, -100), (2, -100)]).isBehind(held))
    // One more than before is no step back, but to go without it again is.
    let fewer = try lists([(0, -500)])
    #expect(!held.isBehind(fewer) && fewer.isBehind(held))
  }

  @Test func `any change of a list is refused`() throws {
    let original = try list([[0x17], [0x18]])
    let signer = try ClientAuthority(file: authority.certificate) { _ in }
    #expect(try signer.publicKey(ofSignerOf: RevocationList(original[...], room: 2)) != nil)
    var chance = SplitMix(state: 64)
    for round in 0..<20_000 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<6, using: &chance) {
        bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
      }
      if Bool.random(using: &chance) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &chance)) }
      // It is read or refused; what can be read is not what was signed.
      guard bytes != original, let list = try? RevocationList(bytes[...], room: 2), round.isMultiple(of: 8) else {
        continue
      }
      #expect(signer.publicKey(ofSignerOf: list) == nil)
    }
  }

  private func list(_ numbers: some Sequence<[UInt8]>) throws -> [UInt8] {
    var draft = try DraftList(issuer: subject(), now: now)
    draft.numbers = Array(numbers)
    return try draft.signed(by: authority)
  }

  private func subject(of other: TestAuthority? = nil) throws -> [UInt8] {
    Array(try parts(TestCertificate(certificate: (other ?? authority).certificate, key: "")).subject)
  }

  private func number(of issued: TestCertificate) throws -> [UInt8] { Array(try parts(issued).serialNumber) }

  private func parts(_ issued: TestCertificate) throws -> CertificateParts {
    try #require(CertificateParts(peer(issued).der))
  }

  /// What is known of a certificate where the authorities of these files are.
  private func peer(_ issued: TestCertificate, in files: [String]? = nil) throws -> PeerCertificate {
    let known = try (files ?? [authority.certificate]).map { try ClientAuthority(file: $0) { _ in } }
    let file = TLSFile(path: issued.certificate, purpose: "certificate")
    let leaf = try #require(file.certificates().first)
    return try #require(PeerCertificate(leaf, authorities: known))
  }

  private static func pem(_ der: [UInt8]) -> String {
    let text = Data(der).base64EncodedString(options: .lineLength64Characters)
    return "-----BEGIN X509 CRL-----\n\(text)\n-----END X509 CRL-----\n"
  }
}

/// A list that is being written (RFC 5280 §5.1), part by part.
struct DraftList {
  var version: [UInt8] = [0x02, 0x01, 0x01]
  var algorithm = DraftList.ecdsa256
  let issuer: [UInt8]
  let now: Int64
  var thisSeconds: Int64 = -60
  var nextSeconds: Int64? = 86_400
  var numbers: [[UInt8]] = []
  var entryExtensions: [UInt8] = []
  var extensions: [UInt8] = []

  static let ecdsa256: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]
  static let ecdsa384: [UInt8] = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03]

  init(issuer: [UInt8], now: Int64) {
    (self.issuer, self.now) = (issuer, now)
  }

  /// Extensions with one among them.
  static func `extension`(_ type: [UInt8], isCritical: Bool) -> [UInt8] {
    let flag: [UInt8] = [0x01, 0x01, isCritical ? 0xFF : 0x00]
    return element(0x30, element(0x30, element(0x06, type) + flag + element(0x04, [0x02, 0x01, 0x01])))
  }

  func signed(by authority: TestAuthority) throws -> [UInt8] {
    let entries = numbers.flatMap {
      Self.element(0x30, Self.element(0x02, $0) + time(-3600) + entryExtensions)
    }
    let list = Self.element(
      0x30,
      version + algorithm + issuer + time(thisSeconds) + (nextSeconds.map(time) ?? [])
        + (numbers.isEmpty ? [] : Self.element(0x30, entries))
        + (extensions.isEmpty ? [] : Self.element(0xA0, extensions)))
    return Self.element(0x30, list + Self.ecdsa256 + Self.element(0x03, [0x00] + (try authority.sign(list))))
  }

  private func time(_ seconds: Int64) -> [UInt8] {
    let date = Date(timeIntervalSince1970: Double(now + seconds))
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let numbers = [parts.month, parts.day, parts.hour, parts.minute, parts.second].map { $0 ?? 0 }
    let text = "\(parts.year ?? 0)" + numbers.map { ($0 < 10 ? "0" : "") + "\($0)" }.joined() + "Z"
    // Both ways of writing are read.
    return seconds < 0 ? Self.element(0x17, Array(text.utf8.dropFirst(2))) : Self.element(0x18, Array(text.utf8))
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count > 0x7F else { return [tag, UInt8(content.count)] + content }
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(rest & 0xFF), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }
}
