import PlenaryDomain
import PlenaryStore
import Testing

@Suite struct SipHashTests {
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

@Suite struct VersionTokensTests {
  private static let identity = StoreIdentity(id: Array(100..<116), epoch: 3)
  private let tokens = VersionTokens(Self.identity)

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `a uid is a UUID of version 4, the same for the same record in every epoch`() throws {
    let uid = text(tokens.uid(born: Revision(17)))
    #expect(try /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/.wholeMatch(in: uid) != nil)
    #expect(uid != text(tokens.uid(born: Revision(18))))
    let restored = VersionTokens(StoreIdentity(id: Self.identity.id, epoch: 4))
    #expect(uid == text(restored.uid(born: Revision(17))))
    let other = VersionTokens(StoreIdentity(id: Array(0..<16), epoch: 3))
    #expect(uid != text(other.uid(born: Revision(17))))
  }

  @Test func `an etag stands in quotation marks and differs from version to version`() throws {
    let etag = text(tokens.etag(Revision(1)))
    #expect(try /"[0-9a-f]{16}"/.wholeMatch(in: etag) != nil)
    #expect(etag != text(tokens.etag(Revision(2))))
  }

  @Test(arguments: [0, 1, 255, 1 << 20, UInt64.max])
  func `the token of a revision leads back to it`(_ number: UInt64) throws {
    let token = text(tokens.token(Revision(number)))
    #expect(try tokens.revision(token) == Revision(number))
  }

  @Test func `a token that was changed anywhere is none`() throws {
    let token = text(tokens.token(Revision(12_345)))
    for index in token.indices {
      var changed = token
      changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
      #expect(try tokens.revision(changed) == nil)
    }
    #expect(try tokens.revision("") == nil)
    #expect(try tokens.revision(token + "A") == nil)
  }

  @Test func `a token from before a restore says so`() {
    let old = VersionTokens(StoreIdentity(id: Self.identity.id, epoch: 2))
    let token = text(old.token(Revision(9)))
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
    let token = sealer.seal(PageToken(revision: Revision(7), place: place), for: query)
    let opened = try sealer.open(token, for: query)
    #expect(opened.place == place)
    #expect(opened.revision == Revision(7))
    #expect(token.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
  }

  @Test func `a token does not open for another list`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: .offset(1)), for: query)
    let error = #expect(throws: DomainError.self) { try sealer.open(token, for: query + [0]) }
    #expect(error?.reason == .pageTokenInvalid)
  }

  @Test(arguments: ["", "x", "not a token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
  func `what is no token does not open`(_ text: String) {
    let error = #expect(throws: DomainError.self) { try sealer.open(text, for: query) }
    #expect(error?.reason == .pageTokenInvalid)
  }

  @Test func `a token with any character changed does not open`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: Self.places[3]), for: query)
    for index in token.indices {
      var changed = token
      changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
      #expect(throws: DomainError.self) { try sealer.open(changed, for: query) }
    }
  }

  @Test func `a token from before a restore says so`() {
    let token = sealer.seal(PageToken(revision: Revision(7), place: .offset(1)), for: query)
    let restored = PageTokenSealer(StoreIdentity(id: Self.identity.id, epoch: 2))
    let error = #expect(throws: DomainError.self) { try restored.open(token, for: query) }
    #expect(error?.reason == .epochChanged)
  }
}
