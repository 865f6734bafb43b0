/// The parts of a certificate by which one is seen to have signed another (RFC 5280 §4.1), each in DER.
struct CertificateParts: Sendable {
  /// The names of whoever has signed it, and of whom it is for.
  let issuer: ArraySlice<UInt8>
  let subject: ArraySlice<UInt8>

  /// The number that whoever has signed it knows it by: the content of an INTEGER.
  let serialNumber: ArraySlice<UInt8>

  /// The key that it is about.
  let publicKey: ArraySlice<UInt8>

  private let signed: SignedParts

  /// Takes a certificate apart; nil when the bytes are none.
  init?(_ der: [UInt8]) {
    guard let signed = SignedParts(der[...]) else { return nil }
    var fields = DERReader(signed.content)
    // [0] version, which may be missing; after the serial number the algorithm.
    fields.skip(tag: 0xA0)
    guard let serialNumber = fields.element(), serialNumber.tag == 0x02, fields.element() != nil,
      let issuer = fields.element(), fields.element() != nil, let subject = fields.element(),
      let publicKey = fields.element()
    else { return nil }
    self.issuer = issuer.encoded
    self.subject = subject.encoded
    self.serialNumber = serialNumber.content
    self.publicKey = publicKey.encoded
    self.signed = signed
  }

  /// Whether the key of another certificate has signed this one.
  func isSigned(withKeyOf signer: CertificateParts) -> Bool {
    signed.isSigned(with: signer.publicKey)
  }
}
