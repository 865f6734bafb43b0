package import PlenaryStore

/// The tokens that stand for a version of a record outside the registry: uid, etag and revision.
///
/// They follow from the version and the identity of the store alone, so they need not be stored and are the same
/// after a restart. Nobody can tell from them how many changes the store has seen. Every record that is read takes
/// three of them, so they are written straight to where they are needed.
package struct VersionTokens: Sendable {
  /// What a token is made for: no two uses give the same result for the same number.
  private enum Use: UInt64 {
    case uid = 1, etag, revision, revisionMask
  }

  /// The lengths of the tokens, in bytes.
  package static let uidByteCount = 36
  package static let etagByteCount = 18
  package static let revisionByteCount = 27

  private let function: SipHash
  private let epoch: UInt32

  /// The tokens of a store.
  package init(_ identity: StoreIdentity) {
    function = SipHash(key: identity.id)
    epoch = identity.epoch
  }

  /// Appends the uid of the record that was born in this revision, a UUID of version 4.
  package func appendUID(born revision: Revision, to text: inout [UInt8]) {
    var (first, second) = function.hash(Use.uid.rawValue, revision.number)
    first = first & ~0xF000 | 0x4000
    second = second & ~(0b11 << 62) | 0b10 << 62
    text.append(addingCapacity: Self.uidByteCount) { output in
      Self.appendHexadecimal(first >> 32, digits: 8, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.appendHexadecimal(first >> 16, digits: 4, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.appendHexadecimal(first, digits: 4, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.appendHexadecimal(second >> 48, digits: 4, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.appendHexadecimal(second, digits: 12, to: &output)
    }
  }

  /// Appends the etag of the version that was written in this revision, quotation marks included.
  package func appendETag(_ revision: Revision, to text: inout [UInt8]) {
    let number = function.hash(Use.etag.rawValue, revision.number).0
    text.append(addingCapacity: Self.etagByteCount) { output in
      output.append(UInt8(ascii: "\""))
      Self.appendHexadecimal(number, digits: 16, to: &output)
      output.append(UInt8(ascii: "\""))
    }
  }

  /// Appends the token of a revision: a tag that proves it, then revision and epoch under a mask that the tag gives.
  package func appendToken(_ revision: Revision, to text: inout [UInt8]) {
    let tag = tag(epoch, revision)
    let mask = function.hash(Use.revisionMask.rawValue, tag)
    text.append(addingCapacity: Self.revisionByteCount) { output in
      var encoder = TokenText.Encoder()
      encoder.append(tag, byteCount: 8, to: &output)
      encoder.append(revision.number ^ mask.0, byteCount: 8, to: &output)
      encoder.append(UInt64(epoch) ^ mask.1 & 0xFFFF_FFFF, byteCount: 4, to: &output)
      encoder.finish(&output)
    }
  }

  /// The etag of the version that was written in this revision.
  package func etag(_ revision: Revision) -> String {
    Self.text { appendETag(revision, to: &$0) }
  }

  /// The token of a revision.
  package func token(_ revision: Revision) -> String {
    Self.text { appendToken(revision, to: &$0) }
  }

  /// Reads the token of a revision.
  /// - Throws: `epochChanged` for a revision from before the store was restored; nil is no token of this store.
  package func revision(_ token: String) throws(DomainError) -> Revision? {
    guard let bytes = TokenText.decode(token), bytes.count == 20 else { return nil }
    let tag = UInt64(littleEndian: bytes[..<8])
    let mask = function.hash(Use.revisionMask.rawValue, tag)
    let revision = Revision(UInt64(littleEndian: bytes[8..<16]) ^ mask.0)
    let tokenEpoch = UInt32(truncatingIfNeeded: UInt64(littleEndian: bytes[16...]) ^ mask.1)
    guard tag == self.tag(tokenEpoch, revision) else { return nil }
    guard tokenEpoch == epoch else {
      throw DomainError(
        .epochChanged, "the revision is from before the store was restored from a backup; read again without it")
    }
    return revision
  }

  private func tag(_ epoch: UInt32, _ revision: Revision) -> UInt64 {
    function.hash(Use.revision.rawValue | UInt64(epoch) << 32, revision.number).0
  }

  private static func text(_ append: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    append(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func appendHexadecimal(_ number: UInt64, digits: UInt64, to text: inout OutputSpan<UInt8>) {
    var shift = 4 * digits
    while shift > 0 {
      shift -= 4
      let digit = Int16(truncatingIfNeeded: number >> shift & 0x0F)
      // Letters stand 39 places behind where digits would go on.
      text.append(UInt8(truncatingIfNeeded: 48 + digit + ((9 - digit) >> 8 & 39)))
    }
  }
}
