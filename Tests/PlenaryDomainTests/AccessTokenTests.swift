import PlenaryDomain
import Testing

/// The tokens of clients: their form, and what is kept of them.
@Suite struct AccessTokenTests {
  private let secret = (0..<AccessToken.secretByteCount).map { UInt8($0) }

  @Test func `a token has a beginning, a secret and check digits, and is known for that again`() throws {
    let token = AccessToken(secret: secret)
    #expect(token.text == "plen_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfgq8qskeg")
    #expect(token.text.utf8.count == AccessToken.characterCount)
    #expect(AccessToken(parsing: token.text)?.digest == token.digest)
  }

  @Test func `whatever was copied wrongly is no token`() throws {
    let text = AccessToken(secret: secret).text
    for index in text.indices {
      var changed = text
      changed.replaceSubrange(index...index, with: text[index] == "3" ? "4" : "3")
      #expect(AccessToken(parsing: changed) == nil, "\(changed)")
    }
    #expect(AccessToken(parsing: String(text.dropLast())) == nil)
    #expect(AccessToken(parsing: text + "0") == nil)
    #expect(AccessToken(parsing: text.uppercased()) == nil)
    #expect(AccessToken(parsing: "") == nil)
  }

  @Test func `the digest is that of SHA-256, and the id its beginning`() {
    let digest = AccessToken(secret: secret).digest
    #expect(digest.count == AccessToken.digestByteCount)
    #expect(AccessToken.id(ofDigest: digest).utf8.count == 8)
    #expect(digest != AccessToken(secret: secret.reversed()).digest)
  }

  @Test func `digests are the same only as a whole`() {
    #expect(AccessToken.isSame([1, 2, 3], [1, 2, 3]))
    #expect(!AccessToken.isSame([1, 2, 3], [1, 2, 4]))
    #expect(!AccessToken.isSame([1, 2, 3], [0, 2, 3]))
    #expect(!AccessToken.isSame([1, 2, 3], [1, 2]))
  }

  @Test func `a token is not printed by accident`() {
    let token = AccessToken(secret: secret)
    #expect("\(token)" == "plen_…")
  }
}
