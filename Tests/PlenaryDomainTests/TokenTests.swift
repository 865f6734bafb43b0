import PlenaryDomain
import PlenaryStore
import PlenaryTestKit
import Testing

@Suite struct SipHashTests {
  @Test func `two numbers give the result of their bytes`() {
    let function = SipHash(key: Array(16..<32))
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    #expect(function.hash(0x0807_0605_0403_0201, 0x100F_0E0D_0C0B_0A09) == function.hash(bytes))
  }

  /// The vectors of the reference implementation, for the key 00 01 … 0f and inputs 00 01 … of growing length.
  @Test(arguments: [
    (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
    (2, "8177228da4a45dc7fca38bdef60affe4"), (3, "9c70b60c5267a94e5f33b6b02985ed51"),
    (4, "f88164c12d9c8faf7d0f6e7c7bcd5579"), (5, "1368875980776f8854527a07690e9627"),
  ])
  func `results are those of the reference`(_ length: Int, _ expected: String) {
    let function = SipHash(key: Array(0..<16))
    let (first, second) = function.hash(Array(0..<UInt8(length)))
    let bytes = [first, second].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(text == expected)
  }
}

@Suite struct TokenTextTests {
  @Test func `bytes of any length come back, and only from their own text`() {
    var generator = SeededNumbers(seed: 5)
    for length in 0..<60 {
      let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      let text = TokenText.encode(bytes)
      #expect(TokenText.decode(text) == bytes)
      #expect(text.utf8.count == (length * 8 + 5) / 6)
    }
    #expect(TokenText.encode(Array("fo\u{FF}?".utf8)) == "Zm_Dvz8")
    for text in ["A", "AB=", "AB+/", "AB", "Zm9"] { #expect(TokenText.decode(text) == nil, "\(text)") }
  }
}

@Suite struct VersionTokensTests {
  private static let identity = StoreIdentity(id: Array(100..<116), epoch: 3)
  private let tokens = VersionTokens(Self.identity, seed: 7)

  private func uid(_ tokens: VersionTokens, _ number: UInt64) -> String {
    let bytes = [UInt8](capacity: VersionTokens.uidByteCount) { tokens.appendUID(born: Revision(number), to: &$0) }
    #expect(bytes.count == VersionTokens.uidByteCount)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `a uid is a UUID of version 4, the same for the same record in every epoch`() throws {
    let uid = self.uid(tokens, 17)
    #expect(try /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/.wholeMatch(in: uid) != nil)
    #expect(uid != self.uid(tokens, 18))
    let restored = VersionTokens(StoreIdentity(id: Self.identity.id, epoch: 4), seed: 7)
    #expect(uid == self.uid(restored, 17))
    let other = VersionTokens(StoreIdentity(id: Array(0..<16), epoch: 3), seed: 7)
    #expect(uid != self.uid(other, 17))
  }

  /// What other systems have kept stays true: these are of the version of 26 November 2026.
  @Test(arguments: [
    (1, "cd47f715-3cc3-4b4a-a634-507b8b700649", "0c06bb13f8064e27", "FLm86fS6h5gr3prtfLQhZVky-0Y"),
    (17, "5fb59fec-de47-4eff-bf9e-3ea333179ddc", "25483df7b564c8bd", "8NMVbNfSmtqAdmH0azL7y8Erpy4"),
    (1 << 40, "2ae3a9a7-cd8d-467a-ae60-77cda5ed5eea", "77b13806973cff24", "LoqAFtPMHQNrXRNYHVdrs4GDdAY"),
    (UInt64.max, "de16a631-8192-4733-bb9c-6319f065737b", "ed0062c5b8fd53ea", "TyNzOrokdOUJWhPbxt2ShAyxcNc"),
  ])
  func `the tokens of a version are the same in every version of Plenary`(
    _ number: UInt64, _ uid: String, _ etag: String, _ token: String
  ) {
    #expect(self.uid(tokens, number) == uid)
    #expect(tokens.etag(Revision(number)) == "\"\(etag)\"")
    #expect(tokens.token(Revision(number)) == token)
  }

  @Test func `an etag stands in quotation marks and differs from version to version`() throws {
    let etag = tokens.etag(Revision(1))
    #expect(try /"[0-9a-f]{16}"/.wholeMatch(in: etag) != nil)
    #expect(etag != tokens.etag(Revision(2)))
  }

  @Test(arguments: [0, 1, 255, 1 << 20, UInt64.max])
  func `the token of a revision leads back to it`(_ number: UInt64) throws {
    for token in [tokens.token(Revision(number)), tokens.moment(Revision(number))] {
      #expect(try tokens.revision(token) == Revision(number))
    }
  }

  @Test func `the token of a moment is another one each time, and after each start`() throws {
    let started = VersionTokens(Self.identity, seed: 8000)
    let told = (0..<100).flatMap { _ in [tokens.moment(Revision(5)), started.moment(Revision(5))] }
    #expect(Set(told).count == 200 && told.allSatisfy { $0.utf8.count == VersionTokens.momentByteCount })
    #expect(try told.allSatisfy { try tokens.revision($0) == Revision(5) })
    #expect(tokens.token(Revision(5)) == started.token(Revision(5)))
  }

  @Test func `a token that was changed anywhere is none`() throws {
    for token in [tokens.token(Revision(12_345)), tokens.moment(Revision(12_345))] {
      for index in token.indices {
        var changed = token
        changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
        #expect(try tokens.revision(changed) == nil)
      }
      #expect(try tokens.revision(token + "A") == nil)
    }
    #expect(try tokens.revision("") == nil)
  }

  @Test func `a token from before a restore says so`() {
    let old = VersionTokens(StoreIdentity(id: Self.identity.id, epoch: 2), seed: 7)
    let token = old.token(Revision(9))
    let error = #expect(throws: DomainError.self) { try tokens.revision(token) }
    #expect(error?.reason == .epochChanged)
    #expect(error?.code == .outOfRange)
  }
}

@Suite struct PageTokenTests {
  private static let identity = StoreIdentity(id: Array(0..<16), epoch: 1)
  private let sealer = PageTokenSealer(Self.identity)
  private let query = Array("plenary.registry/Dialogue".utf8)

  static let places: [PageToken.Place] = [
    .offset(0), .offset(150), .cursor(Cursor(value: [], key: Key(stored: "dialogues/d"))),
    .cursor(Cursor(value: [1, 0, 255], key: Key(stored: "dialogues/d/workingGroups/w"))),
  ]

  @Test(arguments: places)
  func `a token leads back to its place`(_ place: PageToken.Place) throws {
    for day in [nil, CivilDay(number: -1), CivilDay(number: 17_842)] {
      let token = sealer.seal(PageToken(revision: Revision(7), place: place, day: day), for: query, isUnlike: false)
      let opened = try sealer.open(token, for: query)
      #expect(opened.place == place && opened.revision == Revision(7) && opened.day == day)
    }
    let token = sealer.seal(PageToken(revision: Revision(7), place: place), for: query, isUnlike: false)
    #expect(token.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
  }

  @Test func `a token does not open for another list`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: .offset(1)), for: query, isUnlike: false)
    let error = #expect(throws: DomainError.self) { try sealer.open(token, for: query + [0]) }
    #expect(error?.reason == .pageTokenInvalid)
  }

  @Test(arguments: ["", "x", "not a token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
  func `what is no token does not open`(_ text: String) {
    let error = #expect(throws: DomainError.self) { try sealer.open(text, for: query) }
    #expect(error?.reason == .pageTokenInvalid)
  }

  @Test func `a token with any character changed does not open`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: Self.places[3]), for: query, isUnlike: false)
    for index in token.indices {
      var changed = token
      changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
      #expect(throws: DomainError.self) { try sealer.open(changed, for: query) }
    }
  }

  @Test func `a token from before a restore says so`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: .offset(1)), for: query, isUnlike: false)
    let restored = PageTokenSealer(StoreIdentity(id: Self.identity.id, epoch: 2))
    let error = #expect(throws: DomainError.self) { try restored.open(token, for: query) }
    #expect(error?.reason == .epochChanged)
  }
}
