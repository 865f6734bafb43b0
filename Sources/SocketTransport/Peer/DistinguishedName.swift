/// The name of a certificate's subject: attributes in the order in which the certificate has them, some of them together.
struct DistinguishedName: Hashable, CustomStringConvertible {
  private struct Attribute: Hashable {
    let type: ArraySlice<UInt8>
    let valueTag: UInt8
    let value: ArraySlice<UInt8>
    /// Tag, length and value.
    let encodedValue: ArraySlice<UInt8>
  }

  private var relativeNames: [[Attribute]] = []

  /// The subject of a certificate in DER (RFC 5280 §4.1); nil when the bytes are no certificate.
  static func subject(ofCertificate der: [UInt8]) -> DistinguishedName? {
    var outermost = DERReader(der[...])
    guard var certificate = outermost.sequence(), var signed = certificate.sequence() else { return nil }
    // [0] version, which may be missing; then serial number, algorithm, issuer, validity.
    signed.skip(tag: 0xA0)
    for _ in 0..<4 {
      guard signed.element() != nil else { return nil }
    }
    guard let names = signed.sequence() else { return nil }
    return DistinguishedName(names)
  }

  private init?(_ names: DERReader) {
    var names = names
    while !names.isEmpty {
      guard var set = names.element(tag: 0x31) else { return nil }
      var attributes: [Attribute] = []
      while !set.isEmpty {
        guard var pair = set.sequence(), let type = pair.element(), type.tag == 0x06, !type.content.isEmpty,
          let value = pair.element(), pair.isEmpty
        else { return nil }
        attributes.append(
          Attribute(type: type.content, valueTag: value.tag, value: value.content, encodedValue: value.encoded))
      }
      guard !attributes.isEmpty else { return nil }
      relativeNames.append(attributes)
    }
  }

  /// RFC 4514 §2: the last name first, with commas between; attributes that belong together, with plus signs.
  var description: String {
    relativeNames.reversed().map { $0.map(Self.text).joined(separator: "+") }.joined(separator: ",")
  }

  private static func text(_ attribute: Attribute) -> String {
    let type = objectIdentifier(attribute.type)
    // A type without a name here, or a value that is no text, is shown as its bytes (§2.4).
    guard let name = keywords[type], let value = string(attribute) else {
      return "\(keywords[type] ?? type)=#\(hex(attribute.encodedValue))"
    }
    return "\(name)=\(escaped(value))"
  }

  /// RFC 4514 §3, and e-mail as it is found in older certificates.
  private static let keywords = [
    "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
    "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
    "1.2.840.113549.1.9.1": "emailAddress",
  ]

  /// UTF8String, PrintableString and IA5String; the others are of another age.
  private static func string(_ attribute: Attribute) -> String? {
    guard [0x0C, 0x13, 0x16].contains(attribute.valueTag) else { return nil }
    return String(validating: attribute.value, as: UTF8.self)
  }

  /// Arcs in base 128; a number that does not fit makes the whole unreadable, and is shown as bytes.
  private static func objectIdentifier(_ bytes: ArraySlice<UInt8>) -> String {
    var arcs: [UInt64] = []
    var arc: UInt64 = 0
    for byte in bytes {
      guard arc <= UInt64.max >> 7 else { return "#\(hex(bytes))" }
      arc = arc << 7 | UInt64(byte & 0x7F)
      guard byte & 0x80 == 0 else { continue }
      if arcs.isEmpty {
        let first = min(arc / 40, 2)
        arcs = [first, arc - first * 40]
      } else {
        arcs.append(arc)
      }
      arc = 0
    }
    return arcs.map(String.init).joined(separator: ".")
  }

  /// RFC 4514 §2.4. Controls are escaped as well, so that a name is one line wherever it is shown.
  private static func escaped(_ value: String) -> String {
    var text = ""
    let scalars = Array(value.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let isAtEdge = index == 0 || index == scalars.count - 1
      switch scalar {
      case "\"", "+", ",", ";", "<", ">", "\\": text += "\\\(scalar)"
      case " " where isAtEdge: text += "\\ "
      case "#" where index == 0: text += "\\#"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "\\\(hex([UInt8(scalar.value)]))"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }
}
