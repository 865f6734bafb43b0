internal import Foundation

/// What a character counts as where words are compared: without letter case, without marks that writers leave out, in
/// its plain form.
enum SearchFolding {
  /// The role of a character in a text.
  enum Role: Hashable {
    /// It stands between words.
    case separator
    /// It is part of a word.
    case word
    /// It is written without spaces between words: each two of them count as a word.
    case unspaced
    /// It belongs to what stands before it, and to nothing if that is no word.
    case mark
    /// It counts for nothing: an invisible sign within a word.
    case nothing
  }

  /// Scripts that are written without spaces between words, or, as Korean, with endings that belong to the word.
  private static let unspaced: [ClosedRange<UInt32>] = [
    0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF, 0x31F0...0x31FF,
    0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFF66...0xFF9F, 0x20000...0x3FFFF,
  ]

  /// Marks that are left out as often as not: accents, the vowel signs of Hebrew and Arabic, and the lengthening stroke.
  private static let omitted: [ClosedRange<UInt32>] = [
    0x0300...0x036F, 0x0591...0x05C7, 0x0610...0x061A, 0x0640...0x0640, 0x064B...0x065F, 0x0670...0x0670,
    0x06D6...0x06ED, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0x3099...0x309C, 0xFE00...0xFE0F,
    0xFE20...0xFE2F,
  ]

  /// The soft hyphen, the joiners and the byte order mark.
  private static let invisible: Set<UInt32> = [0x00AD, 0x200D, 0x2060, 0xFEFF]

  /// The role of a character.
  static func role(of scalar: Unicode.Scalar) -> Role {
    let value = scalar.value
    if value < 0x80 { return isASCIIWord(UInt8(value)) ? .word : .separator }
    return value < UInt32(roles.count) ? roles[Int(value)] : foundRole(of: scalar)
  }

  /// The roles of the characters of nearly all alphabets.
  private static let roles: [Role] = (0..<0x3400).map { value in
    Unicode.Scalar(UInt32(value)).map(foundRole) ?? .separator
  }

  private static func foundRole(of scalar: Unicode.Scalar) -> Role {
    let value = scalar.value
    if value < 0x80 { return isASCIIWord(UInt8(value)) ? .word : .separator }
    if invisible.contains(value) { return .nothing }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .privateUse:
      return isIn(unspaced, value) ? .unspaced : .word
    case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
    default: return .separator
    }
  }

  /// A character as it counts; empty if it does not.
  static func folded(_ scalar: Unicode.Scalar) -> String {
    let value = scalar.value
    if value < UInt32(table.count) { return table[Int(value)] }
    // Most of what lies beyond the table has no other form: ideographs, and the syllables of Korean.
    let hasForms = 0xF900...0xFFFF ~= value || 0x1D400...0x1F2FF ~= value || 0x2F800...0x2FA1F ~= value
    return hasForms || 0xA640...0xABFF ~= value || 0x10400...0x10FFF ~= value ? made(scalar) : String(scalar)
  }

  /// Whether a letter or digit of ASCII.
  static func isASCIIWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// A letter or digit of ASCII as it counts: capitals differ from small letters by one bit, which digits have too.
  static func foldedASCII(_ byte: UInt8) -> UInt8 { byte | 0x20 }

  /// The forms of the characters of nearly all alphabets.
  private static let table: [String] = (0..<0x3400).map { value in
    UInt32(value) < 0x80
      ? String(Unicode.Scalar(UInt8(value))).lowercased() : Unicode.Scalar(UInt32(value)).map(made) ?? ""
  }

  private static func made(_ scalar: Unicode.Scalar) -> String {
    // Through capitals, so that letters with several small forms have one, and again into plain forms, since capitals of
    // some letters have marks.
    let plain = String(scalar).decomposedStringWithCompatibilityMapping.uppercased().lowercased()
      .decomposedStringWithCompatibilityMapping
    var result = String.UnicodeScalarView()
    for scalar in plain.unicodeScalars {
      guard !isIn(omitted, scalar.value) else { continue }
      // What falls apart into several words, as a fraction does, keeps only its letters and digits.
      switch role(of: scalar) {
      case .word, .unspaced, .mark: result.append(scalar)
      case .separator, .nothing: continue
      }
    }
    return String(result)
  }

  private static func isIn(_ ranges: [ClosedRange<UInt32>], _ value: UInt32) -> Bool {
    // They are in order, and few.
    for range in ranges where value <= range.upperBound { return value >= range.lowerBound }
    return false
  }
}
