/// A list of the certificates that an authority has taken back (RFC 5280 §5.1), taken apart. Whose signature it has is
/// asked of it, and was not looked at.
///
/// A list that is of some certificates only, or tells changes of another list alone, marks that as critical, and is refused.
struct RevocationList: Sendable {
  /// Why bytes cannot be used as a list, and what to do.
  struct Unusable: Error {
    let reason: String
  }

  /// The name of whoever has made it, in DER.
  let issuer: ArraySlice<UInt8>

  /// When it was made, and when there is to be another, in seconds since 1970.
  let thisUpdate: Int64
  let nextUpdate: Int64

  /// The numbers of the certificates: the contents of INTEGERs.
  let serialNumbers: Set<[UInt8]>

  private let signed: SignedParts

  /// Takes a list apart that has no more certificates than there is room for.
  init(_ der: ArraySlice<UInt8>, room: Int) throws(Unusable) {
    guard let signed = SignedParts(der) else { throw Self.malformed }
    var fields = DERReader(signed.content)
    // Version 2 is written as 1, and version 1 not at all.
    let isExtensible = fields.peek(tag: 0x02)
    if isExtensible, fields.element()?.content.elementsEqual([0x01]) != true { throw Self.malformed }
    // §5.1.1.2: what is signed says the same of the way as stands beside the signature.
    guard let algorithm = fields.element(), algorithm.encoded == signed.algorithm, let issuer = fields.element(),
      issuer.tag == 0x30, let thisUpdate = fields.instant()
    else { throw Self.malformed }
    guard let nextUpdate = fields.instant() else {
      throw Unusable(reason: "does not say until when it is good; have the authority write nextUpdate into it")
    }
    var serialNumbers: Set<[UInt8]> = []
    if fields.peek(tag: 0x30) {
      guard var entries = fields.sequence() else { throw Self.malformed }
      while !entries.isEmpty {
        guard serialNumbers.count < room else {
          throw Unusable(
            reason: "takes back more than \(RevokedCertificates.countMax) certificates; have the authority leave out "
              + "expired ones")
        }
        serialNumbers.insert(try Self.serialNumber(&entries, isExtensible: isExtensible))
      }
    }
    if isExtensible, var wrapper = fields.element(tag: 0xA0) {
      guard let extensions = wrapper.sequence(), wrapper.isEmpty else { throw Self.malformed }
      try Self.checkNothingIsCritical(extensions)
    }
    guard fields.isEmpty else { throw Self.malformed }
    self.issuer = issuer.encoded
    self.thisUpdate = thisUpdate
    self.nextUpdate = nextUpdate
    self.serialNumbers = serialNumbers
    self.signed = signed
  }

  /// Whether a key has signed it, a SubjectPublicKeyInfo.
  func isSigned(with publicKey: ArraySlice<UInt8>) -> Bool { signed.isSigned(with: publicKey) }

  private static let malformed = Unusable(
    reason: "holds a list that cannot be read; was it cut off or edited, or is it of another kind?")

  private static func serialNumber(_ entries: inout DERReader, isExtensible: Bool) throws(Unusable) -> [UInt8] {
    guard var entry = entries.sequence(), let number = entry.element(), number.tag == 0x02, isInteger(number.content),
      entry.instant() != nil
    else { throw malformed }
    if isExtensible, entry.peek(tag: 0x30) {
      guard let extensions = entry.sequence() else { throw malformed }
      try checkNothingIsCritical(extensions)
    }
    guard entry.isEmpty else { throw malformed }
    return Array(number.content)
  }

  /// X.690 §8.3.2: as short as it can be; RFC 5280 §4.1.2.2: of twenty bytes at most, and one more for the sign.
  private static func isInteger(_ content: ArraySlice<UInt8>) -> Bool {
    guard (1...21).contains(content.count), let first = content.first else { return false }
    guard let second = content.dropFirst().first else { return true }
    return !(first == 0x00 && second < 0x80 || first == 0xFF && second >= 0x80)
  }

  /// What has to be understood is not understood here (§5.2, §5.3).
  private static func checkNothingIsCritical(_ extensions: DERReader) throws(Unusable) {
    var extensions = extensions
    guard !extensions.isEmpty else { throw malformed }
    while !extensions.isEmpty {
      guard var one = extensions.sequence(), let type = one.element(), type.tag == 0x06 else { throw malformed }
      if one.peek(tag: 0x01) {
        // X.690 §11.1 and §11.5: false is not written.
        guard one.element()?.content.elementsEqual([0xFF]) == true else { throw malformed }
        throw Unusable(
          reason: "is a list of some certificates, of changes or by another authority, as its critical extensions say; "
            + "give a whole one of the authority itself")
      }
      guard one.element()?.tag == 0x04, one.isEmpty else { throw malformed }
    }
  }
}

extension DERReader {
  /// The next element as a time (RFC 5280 §5.1.2.4): seconds since 1970; nil, and nothing is taken, if it is none.
  fileprivate mutating func instant() -> Int64? {
    var reader = self
    guard let element = reader.element(), element.tag == 0x17 || element.tag == 0x18 else { return nil }
    let yearWidth = element.tag == 0x17 ? 2 : 4
    let digits = element.content.dropLast().map { Int64($0) - 0x30 }
    guard element.content.last == UInt8(ascii: "Z"), digits.count == yearWidth + 10,
      digits.allSatisfy({ (0...9).contains($0) })
    else { return nil }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    let written = number(0..<yearWidth)
    // §4.1.2.5.1
    let year = yearWidth == 4 ? written : written >= 50 ? 1900 + written : 2000 + written
    let rest = stride(from: yearWidth, to: digits.count, by: 2).map { number($0..<$0 + 2) }
    let (month, day, hour, minute, second) = (rest[0], rest[1], rest[2], rest[3], rest[4])
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else { return nil }
    self = reader
    return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
  }
}

/// The days from the first one of 1970 to a day of the Gregorian calendar. Years begin in March, so that the day that is
/// there in some of them only is the last.
private func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
  let years = month > 2 ? year : year - 1
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
}
