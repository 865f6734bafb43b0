package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// The tokens that stand for a version of a record, or for a moment of the registry, outside of it: uid, etag and revision.
///
/// Those of a version follow from it and the identity of the store alone, so they need not be stored and are the same
/// after a restart. Those of a moment are others each time they are told: whoever compared them would learn whether
/// anything was written in between, which it perhaps may not see. Nobody can tell from either how many changes the store
/// has seen. Every record that is read takes three of them, so they are written straight to where they are needed.
package struct VersionTokens: Sendable {
  /// What a token is made for: no two uses give the same result for the same number.
  private enum Use: UInt64 {
    case uid = 1, etag, revision, revisionMask, nonce, momentMask
  }

  /// What makes each token of a moment another one.
  private final class Nonces: Sendable {
    let next: Atomic<UInt64>
    init(from start: UInt64) { next = Atomic(start) }
  }

  /// The lengths of the tokens, in bytes.
  package static let uidByteCount = 36
  package static let etagByteCount = 18
  package static let revisionByteCount = 27
  package static let momentByteCount = 32

  private let function: SipHash
  private let epoch: UInt32
  private let nonces: Nonces

  /// The tokens of a store.
  /// - Parameter seed: A number by chance, so that tokens of moments are others after each start.
  package init(_ identity: StoreIdentity, seed: UInt64) {
    function = SipHash(key: identity.id)
    epoch = identity.epoch
    nonces = Nonces(from: seed)
  }

  /// Appends the uid of the record that was born in this revision, a UUID of version 4.
  package func appendUID(born revision: Revision, to text: inout OutputSpan<UInt8>) {
    var (first, second) = function.hash(Use.uid.rawValue, revision.number)
    first = first & ~0xF000 | 0x4000
    second = second & ~(0b11 << 62) | 0b10 << 62
    let hyphen = UInt64(UInt8(ascii: "-"))
    let (middle, next) = (Self.hexadecimal(first), Self.hexadecimal(second >> 32))
    text.append(Self.hexadecimal(first >> 32), byteCount: 8)
    text.append(middle << 8 | hyphen, byteCount: 5)
    text.append((middle >> 32) << 8 | hyphen, byteCount: 5)
    text.append(next << 8 | hyphen, byteCount: 5)
    text.append((next >> 32) << 8 | hyphen, byteCount: 5)
    text.append(Self.hexadecimal(second), byteCount: 8)
  }

  /// Appends the etag of the version that was written in this revision, quotation marks included.
  package func appendETag(_ revision: Revision, to text: inout OutputSpan<UInt8>) {
    let number = function.hash(Use.etag.rawValue, revision.number).0
    text.append(UInt8(ascii: "\""))
    text.append(Self.hexadecimal(number >> 32), byteCount: 8)
    text.append(Self.hexadecimal(number), byteCount: 8)
    text.append(UInt8(ascii: "\""))
  }

  /// The token of a revision, to be appended as often as it is needed.
  package struct RevisionToken: Sendable {
    /// Its characters, eight in each word and three in the last.
    fileprivate let words: (UInt64, UInt64, UInt64, UInt64)

    /// Appends the token.
    package func append(to text: inout OutputSpan<UInt8>) {
      text.append(words.0, byteCount: 8)
      text.append(words.1, byteCount: 8)
      text.append(words.2, byteCount: 8)
      text.append(words.3, byteCount: 3)
    }
  }

  /// The token of a revision: a tag that proves it, then revision and epoch under a mask that the tag gives.
  package func revisionToken(_ revision: Revision) -> RevisionToken {
    let tag = tag(epoch, revision)
    let mask = function.hash(Use.revisionMask.rawValue, tag)
    // In the order of their bytes, the least significant first.
    let (first, second) = (tag.byteSwapped, (revision.number ^ mask.0).byteSwapped)
    let third = UInt64((epoch ^ UInt32(truncatingIfNeeded: mask.1)).byteSwapped)
    return RevisionToken(
      words: (
        TokenText.characters(first), TokenText.characters(first << 48 | second >> 16),
        TokenText.characters(second << 32 | third), TokenText.characters(third << 48)
      ))
  }

  /// Appends a token of the registry as it is at a revision: a nonce, then under a mask that the nonce gives what the token
  /// of the revision says.
  package func appendMoment(_ revision: Revision, to text: inout OutputSpan<UInt8>) {
    let count = nonces.next.wrappingAdd(1, ordering: .relaxed).newValue
    let nonce = function.hash(Use.nonce.rawValue, count).0
    let mask = function.hash(Use.momentMask.rawValue, nonce)
    // Half of the tag is enough to tell a token from what is none: it gives no authority.
    let end = (tag(epoch, revision) << 32 | UInt64(epoch)) ^ mask.1
    let words = (nonce.byteSwapped, (revision.number ^ mask.0).byteSwapped, end.byteSwapped)
    text.append(TokenText.characters(words.0), byteCount: 8)
    text.append(TokenText.characters(words.0 << 48 | words.1 >> 16), byteCount: 8)
    text.append(TokenText.characters(words.1 << 32 | words.2 >> 32), byteCount: 8)
    text.append(TokenText.characters(words.2 << 16), byteCount: 8)
  }

  /// A token of the registry as it is at a revision.
  package func moment(_ revision: Revision) -> String {
    Self.text(Self.momentByteCount) { appendMoment(revision, to: &$0) }
  }

  /// The etag of the version that was written in this revision.
  package func etag(_ revision: Revision) -> String {
    Self.text(Self.etagByteCount) { appendETag(revision, to: &$0) }
  }

  /// The token of a revision.
  package func token(_ revision: Revision) -> String {
    Self.text(Self.revisionByteCount) { revisionToken(revision).append(to: &$0) }
  }

  /// Reads the token of a revision, that of a version or of a moment.
  /// - Throws: `epochChanged` for a revision from before the store was restored; nil is no token of this store.
  package func revision(_ token: String) throws(DomainError) -> Revision? {
    guard let bytes = TokenText.decode(token), let (tag, bits, revision, tokenEpoch) = opened(bytes) else { return nil }
    guard tag == self.tag(tokenEpoch, revision) & bits else { return nil }
    guard tokenEpoch == epoch else {
      throw DomainError(
        .epochChanged, "the revision is from before the store was restored from a backup; read again without it")
    }
    return revision
  }

  /// Reads the token of a revision that the registry itself has kept, also one from before the store was restored; nil is no
  /// token of this store.
  func keptRevision(_ token: String) -> Revision? {
    guard let bytes = TokenText.decode(token), let (tag, bits, revision, epoch) = opened(bytes),
      tag == self.tag(epoch, revision) & bits
    else { return nil }
    return revision
  }

  /// What a token says, before it is known whether it is one of this store; and the bits of the tag that stand in it.
  private func opened(_ bytes: [UInt8]) -> (tag: UInt64, bits: UInt64, revision: Revision, epoch: UInt32)? {
    switch bytes.count {
    case 20:
      let tag = UInt64(littleEndian: bytes[..<8])
      let mask = function.hash(Use.revisionMask.rawValue, tag)
      return (
        tag, .max, Revision(UInt64(littleEndian: bytes[8..<16]) ^ mask.0),
        UInt32(truncatingIfNeeded: UInt64(littleEndian: bytes[16...]) ^ mask.1)
      )
    case 24:
      let mask = function.hash(Use.momentMask.rawValue, UInt64(littleEndian: bytes[..<8]))
      let end = UInt64(littleEndian: bytes[16...]) ^ mask.1
      return (
        end >> 32, UInt64(UInt32.max), Revision(UInt64(littleEndian: bytes[8..<16]) ^ mask.0),
        UInt32(truncatingIfNeeded: end)
      )
    default: return nil
    }
  }

  private func tag(_ epoch: UInt32, _ revision: Revision) -> UInt64 {
    function.hash(Use.revision.rawValue | UInt64(epoch) << 32, revision.number).0
  }

  private static func text(_ byteCount: Int, _ append: (inout OutputSpan<UInt8>) -> Void) -> String {
    String(decoding: [UInt8](capacity: byteCount, initializingWith: append), as: UTF8.self)
  }

  /// The last eight hexadecimal digits of a number, the first one in the first byte.
  private static func hexadecimal(_ number: UInt64) -> UInt64 {
    var digits = number & 0xFFFF_FFFF
    digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
    digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
    digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
    // Letters stand 39 places behind where digits would go on.
    let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return (digits &+ 0x3030_3030_3030_3030 &+ letters &* 39).byteSwapped
  }
}
