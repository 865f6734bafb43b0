/// What the bytes of codes, ids and addresses are, which are all ASCII.
extension UInt8 {
  /// `0` to `9`.
  var isDigit: Bool { UInt8(ascii: "0") <= self && self <= UInt8(ascii: "9") }

  /// `a` to `z`.
  var isLowercaseLetter: Bool { UInt8(ascii: "a") <= self && self <= UInt8(ascii: "z") }

  /// `A` to `Z`.
  var isUppercaseLetter: Bool { UInt8(ascii: "A") <= self && self <= UInt8(ascii: "Z") }

  /// A letter of either case.
  var isLetter: Bool { isLowercaseLetter || isUppercaseLetter }
}
