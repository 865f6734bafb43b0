package import PlenaryStore

/// The tokens that stand for a version of a record outside the registry: uid, etag and revision.
///
/// They follow from the version and the identity of the store alone, so they need not be stored and are the same
/// after a restart. Nobody can tell from them how many changes the store has seen.
package struct VersionTokens: Sendable {
  /// What a token is made for: no two uses give the same result for the same number.
  private enum Use: UInt8 {
    case uid = 1, etag, revision, revisionMask
  }

  private let function: SipHash
  private let epoch: UInt32

  /// The tokens of a store.
  package init(_ identity: StoreIdentity) {
    function = SipHash(key: identity.id)
    epoch = identity.epoch
  }

  /// The uid of the record that was born in this revision, as the 36 characters of a UUID of version 4.
  package func uid(born revision: Revision) -> [UInt8] {
    let (first, second) = result(.uid, revision.number)
    var bytes = first.littleEndianBytes + second.littleEndianBytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
      Self.appendHexadecimal(byte, to: &text)
    }
    return text
  }

  /// The etag of the version that was written in this revision, quotation marks included.
  package func etag(_ revision: Revision) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in result(.etag, revision.number).0.littleEndianBytes { Self.appendHexadecimal(byte, to: &text) }
    text.append(UInt8(ascii: "\""))
    return text
  }

  /// The token of a revision: a tag that proves it, then epoch and revision under a mask that the tag gives.
  package func token(_ revision: Revision) -> [UInt8] {
    let tag = tag(epoch, revision)
    return TokenText.encode(tag.littleEndianBytes + masked(plain(epoch, revision), by: tag))
  }

  /// Reads the token of a revision.
  /// - Throws: `epochChanged` for a revision from before the store was restored; nil is no token of this store.
  package func revision(_ token: String) throws(DomainError) -> Revision? {
    guard let bytes = TokenText.decode(token), bytes.count == 20 else { return nil }
    let tag = UInt64(littleEndian: bytes[..<8])
    let plain = masked(Array(bytes[8...]), by: tag)
    let tokenEpoch = UInt32(truncatingIfNeeded: UInt64(littleEndian: plain[..<4]))
    let revision = Revision(UInt64(littleEndian: plain[4...]))
    guard tag == self.tag(tokenEpoch, revision) else { return nil }
    guard tokenEpoch == epoch else {
      throw DomainError(
        .epochChanged, "the revision is from before the store was restored from a backup; read again without it")
    }
    return revision
  }

  private func tag(_ epoch: UInt32, _ revision: Revision) -> UInt64 {
    function.hash([Use.revision.rawValue] + plain(epoch, revision)).0
  }

  private func plain(_ epoch: UInt32, _ revision: Revision) -> [UInt8] {
    UInt64(epoch).littleEndianBytes.prefix(4) + revision.number.littleEndianBytes
  }

  private func masked(_ bytes: [UInt8], by tag: UInt64) -> [UInt8] {
    let (first, second) = result(.revisionMask, tag)
    return zip(bytes, first.littleEndianBytes + second.littleEndianBytes).map { $0 ^ $1 }
  }

  private func result(_ use: Use, _ number: UInt64) -> (UInt64, UInt64) {
    function.hash([use.rawValue] + number.littleEndianBytes)
  }

  private static func appendHexadecimal(_ byte: UInt8, to text: inout [UInt8]) {
    for digit in [byte >> 4, byte & 0x0F] {
      text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
