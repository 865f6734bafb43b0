internal import Crypto
package import PlenaryStore

/// The place where the next page of a list begins, in a form that only the registry can read and make.
///
/// It is bound to everything that decides what the list holds, the caller included, and to the revision that all its
/// pages show; it carries no authority.
package struct PageToken: Sendable {
  /// The revision that the list shows.
  package let revision: Revision

  /// What the next page begins after.
  package let place: Place

  /// The day that counts as today for the list, so that all its pages ask the same; nil for lists that no day decides.
  package let day: CivilDay?

  /// A place in a list.
  package enum Place: Hashable, Sendable {
    /// A place in an order that the store keeps.
    case cursor(Cursor)
    /// A place in an order that is made for the list: so many records come before.
    case offset(Int)
    /// A revision, for lists in the order of revisions.
    case revision(Revision)
  }

  /// Names a place in a list at a revision.
  package init(revision: Revision, place: Place, day: CivilDay? = nil) {
    self.revision = revision
    self.place = place
    self.day = day
  }
}

/// Seals page tokens and opens them again.
package struct PageTokenSealer: Sendable {
  private static let version: UInt8 = 2

  /// Stands for no day.
  private static let noDay = Int.min

  /// The longest token, in characters: that of a place after the longest key and value has less than half of it.
  private static let lengthMax = 4096

  private let key: SymmetricKey
  private let nonceFunction: SipHash
  private let epoch: UInt32

  /// A sealer for the tokens of a store.
  package init(_ identity: StoreIdentity) {
    // The store's id is 16 random bytes, so a digest of it and the use makes a key for that use alone.
    func derive(_ use: String) -> [UInt8] { Array(SHA256.hash(data: Array(use.utf8) + identity.id)) }
    key = SymmetricKey(data: derive("plenary page token"))
    nonceFunction = SipHash(key: Array(derive("plenary page token nonce").prefix(SipHash.keyByteCount)))
    epoch = identity.epoch
  }

  /// Seals a token for the list that `query` describes.
  ///
  /// - Parameter isUnlike: Whether it is to be another one each time, so that nobody can tell by comparing two whether
  ///   anything was written in between.
  package func seal(_ token: PageToken, for query: [UInt8], isUnlike: Bool) -> String {
    var plain = [Self.version]
    plain += UInt64(epoch).littleEndianBytes.prefix(4)
    plain += token.revision.number.littleEndianBytes
    plain += UInt64(bitPattern: Int64(token.day?.number ?? Self.noDay)).littleEndianBytes
    switch token.place {
    case .offset(let count):
      plain.append(0)
      plain += UInt64(count).littleEndianBytes
    case .revision(let revision):
      plain.append(2)
      plain += revision.number.littleEndianBytes
    case .cursor(let cursor):
      plain.append(1)
      plain += UInt64(cursor.value.count).littleEndianBytes
      plain += cursor.value
      plain += cursor.key.name.utf8
    }
    // A nonce that follows from the content repeats only if the content does, and then gives nothing else away.
    let (first, second) = nonceFunction.hash(plain + query)
    let nonceBytes = first.littleEndianBytes + second.littleEndianBytes.prefix(4)
    // It fails only for another length than 12, and what it seals is never too long.
    guard let nonce = isUnlike ? ChaChaPoly.Nonce() : try? ChaChaPoly.Nonce(data: nonceBytes),
      let box = try? ChaChaPoly.seal(plain, using: key, nonce: nonce, authenticating: query)
    else { preconditionFailure("a nonce of twelve bytes and a key of 32 always seal") }
    return TokenText.encode(box.combined)
  }

  /// Opens a token that was sealed for the same list.
  /// - Throws: `pageTokenInvalid`, `epochChanged`.
  package func open(_ text: String, for query: [UInt8]) throws(DomainError) -> PageToken {
    guard text.utf8.count <= Self.lengthMax, let sealed = TokenText.decode(text),
      // What fails here was not sealed by this registry for this list, and that is all there is to say.
      let box = try? ChaChaPoly.SealedBox(combined: sealed),
      let plain = try? ChaChaPoly.open(box, using: key, authenticating: query),
      let token = try Self.parse(Array(plain), epoch: epoch)
    else {
      throw DomainError(
        .init(
          "page_token", .pageTokenInvalid,
          "it is not the next_page_token of a call with the same parent, filter, order_by, show_deleted and read_mask"))
    }
    return token
  }

  private static func parse(_ plain: [UInt8], epoch: UInt32) throws(DomainError) -> PageToken? {
    guard plain.count >= 30, plain[0] == version else { return nil }
    guard UInt64(littleEndian: plain[1..<5]) == UInt64(epoch) else {
      throw DomainError(.epochChanged, "the store was restored from a backup since; list again from the beginning")
    }
    let revision = Revision(UInt64(littleEndian: plain[5..<13]))
    let day = Int(Int64(bitPattern: UInt64(littleEndian: plain[13..<21])))
    let number = Int(UInt64(littleEndian: plain[22..<30]))
    let place: PageToken.Place
    switch plain[21] {
    case 0: place = .offset(number)
    case 2: place = .revision(Revision(UInt64(number)))
    default:
      let content = plain[30...]
      let key = Key(stored: String(decoding: content.dropFirst(number), as: UTF8.self))
      place = .cursor(Cursor(value: Array(content.prefix(number)), key: key))
    }
    return PageToken(revision: revision, place: place, day: day == noDay ? nil : CivilDay(number: day))
  }
}
