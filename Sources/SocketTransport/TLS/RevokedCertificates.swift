/// What an authority of clients has taken back, as a file of its revocation lists says.
///
/// A list counts if one of the authority's certificates has signed it, and if it is in its time when it is read. Afterwards
/// it counts until there is another: whoever keeps an authority from telling of a revocation wins nothing by it.
package struct RevokedCertificates: Sendable {
  /// The most bytes of a file.
  static let bytesMax = 8 << 20

  /// The most certificates that one file takes back.
  static let countMax = 100_000

  /// By how many seconds the clock of an authority may be ahead.
  static let clockSkewMax: Int64 = 300

  /// The file, and that of the authority.
  package let file: String
  package let authorityFile: String

  /// How many certificates are taken back.
  package let count: Int

  /// When the first of its lists was made, and when the first of them is to be replaced, in seconds since 1970.
  package let thisUpdate: Int64
  package let nextUpdate: Int64

  /// When the last list of each issuer was made, in seconds since 1970.
  private let updates: [Issuer: Int64]

  /// Whoever has made lists: two of the same name with different keys are two.
  private struct Issuer: Hashable {
    let name: [UInt8]
    let publicKey: [UInt8]
  }

  /// The numbers of certificates, by who has signed them.
  private let serialNumbers: [ArraySlice<UInt8>: Set<[UInt8]>]

  /// The digests of those certificates of the authority by which nothing is signed any more.
  private let withdrawn: Set<[UInt8]>

  /// Reads a file of lists, one in DER or any number in PEM. It blocks while it reads.
  ///
  /// - Parameter now: The time, in seconds since 1970.
  /// - Throws: `.badTLSFile`, with one line that names the file, what is wrong with it and what to do.
  package init(file: String, of authorityFile: String, at now: Int64) throws(TransportError) {
    let authority = try ClientAuthority(file: authorityFile) { _ in }
    let source = TLSFile(path: file, purpose: "revocation list")
    var serialNumbers: [ArraySlice<UInt8>: Set<[UInt8]>] = [:]
    var updates: [Issuer: Int64] = [:]
    var times: [(this: Int64, next: Int64)] = []
    var count = 0
    for der in try Self.encodedLists(source) {
      let list: RevocationList
      do throws(RevocationList.Unusable) {
        list = try RevocationList(der[...], room: Self.countMax - count)
      } catch {
        throw source.failure(error.reason)
      }
      guard let publicKey = authority.publicKey(ofSignerOf: list) else {
        throw source.failure(
          "is signed by none of the certificates in \(authorityFile); name the list of that authority")
      }
      guard list.thisUpdate <= now + Self.clockSkewMax else {
        throw source.failure("is not valid yet; is the clock right?")
      }
      guard now <= list.nextUpdate else { throw source.failure("has expired; fetch the authority's new one") }
      count += list.serialNumbers.count
      serialNumbers[list.issuer, default: []].formUnion(list.serialNumbers)
      let issuer = Issuer(name: Array(list.issuer), publicKey: Array(publicKey))
      updates[issuer] = max(updates[issuer] ?? list.thisUpdate, list.thisUpdate)
      times.append((list.thisUpdate, list.nextUpdate))
    }
    guard let thisUpdate = times.map(\.this).min(), let nextUpdate = times.map(\.next).min() else {
      throw source.failure("holds no revocation list; name one in PEM or DER")
    }
    self.file = file
    self.authorityFile = authorityFile
    self.count = count
    self.thisUpdate = thisUpdate
    self.nextUpdate = nextUpdate
    self.updates = updates
    self.serialNumbers = serialNumbers
    withdrawn = authority.withdrawn { serialNumbers[$0.issuer]?.contains(Array($0.serialNumber)) ?? false }
  }

  /// Whether the authority, which has signed a certificate, has taken it back, or all of those that it has signed it with.
  package func contains(_ certificate: PeerCertificate) -> Bool {
    if serialNumbers[certificate.issuer[...]]?.contains(certificate.serialNumber) ?? false { return true }
    guard !withdrawn.isEmpty, let signers = certificate.signers[authorityFile] else { return false }
    return signers.isSubset(of: withdrawn)
  }

  /// Whether it lacks an issuer whose list the other has, or has an older list of it. Then certificates that are taken back
  /// could be let in again, however new the lists of others are.
  package func isBehind(_ other: Self) -> Bool {
    other.updates.contains { issuer, update in (updates[issuer] ?? .min) < update }
  }

  /// The lists of a file, each in DER.
  private static func encodedLists(_ source: TLSFile) throws(TransportError) -> [[UInt8]] {
    let bytes = try source.read(bytesMax: bytesMax)
    guard bytes.first != 0x30 else { return [bytes] }
    guard let lists = PEMText.blocks("X509 CRL", in: bytes) else {
      throw source.failure("holds a list that cannot be read; was it cut off or edited?")
    }
    return lists
  }
}
