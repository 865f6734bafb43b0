/// JSON values and map keys as scalars of the protobuf language.
enum JSONScalar {
  /// Why a value does not fit the type.
  struct Mismatch: Error {
    let reason: String
  }

  static func value(_ type: FieldType, _ value: JSONNode.Value) -> Result<FieldValue, Mismatch> {
    let value = value.resolved(for: type)
    return switch type {
    case .double: floating(value, Double.self).map(FieldValue.double)
    case .float: floating(value, Float.self).map(FieldValue.float)
    case .int32: integer(value, Int32.self).map(FieldValue.int32)
    case .int64: integer(value, Int64.self).map(FieldValue.int64)
    case .uint32: integer(value, UInt32.self).map(FieldValue.uint32)
    case .uint64: integer(value, UInt64.self).map(FieldValue.uint64)
    case .bool: bool(value)
    case .string: string(value)
    case .bytes: bytes(value)
    case .enumeration, .message, .map: .failure(Mismatch(reason: "a value of another kind belongs here"))
    }
  }

  /// The key of a map entry, which JSON has as a string whatever its type.
  ///
  /// A number has one spelling here, so that no two names of an object stand for the same entry.
  static func key(_ text: String, _ type: FieldType) -> FieldValue? {
    switch type {
    case .string: .string(text)
    case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .int32: canonical(text, Int32.self).map(FieldValue.int32)
    case .int64: canonical(text, Int64.self).map(FieldValue.int64)
    case .uint32: canonical(text, UInt32.self).map(FieldValue.uint32)
    case .uint64: canonical(text, UInt64.self).map(FieldValue.uint64)
    default: nil
    }
  }

  private static func canonical<Number: FixedWidthInteger>(_ text: String, _ type: Number.Type) -> Number? {
    guard let number = Number(text), String(number) == text else { return nil }
    return number
  }

  private static func bool(_ value: JSONNode.Value) -> Result<FieldValue, Mismatch> {
    guard case .bool(let truth) = value else { return .failure(Mismatch(reason: "true or false belongs here")) }
    return .success(.bool(truth))
  }

  private static func string(_ value: JSONNode.Value) -> Result<FieldValue, Mismatch> {
    guard case .string(let text) = value else { return .failure(Mismatch(reason: "a string belongs here")) }
    return .success(.string(text))
  }

  private static func bytes(_ value: JSONNode.Value) -> Result<FieldValue, Mismatch> {
    guard case .string(let text) = value, let bytes = Base64.decode(text.utf8, allowsURLAlphabet: true) else {
      return .failure(Mismatch(reason: "bytes in Base64 belong here"))
    }
    return .success(.bytes(bytes))
  }

  /// A number, or a string that holds one.
  private static func integer<Number: FixedWidthInteger>(
    _ value: JSONNode.Value, _ type: Number.Type
  ) -> Result<Number, Mismatch> {
    let text: String
    switch value {
    case .number(let digits): text = digits
    case .string(let digits): text = digits
    default: return .failure(Mismatch(reason: "a whole number belongs here"))
    }
    guard let number = integer(text, type) else {
      return .failure(Mismatch(reason: "a whole number from \(Number.min) to \(Number.max) belongs here"))
    }
    return .success(number)
  }

  private static func integer<Number: FixedWidthInteger>(_ text: String, _ type: Number.Type) -> Number? {
    guard let first = text.utf8.first, first != UInt8(ascii: "+") else { return nil }
    if let number = Number(text) { return number }
    guard isJSONNumber(text), Double(text) != nil else { return nil }
    return wholeNumber(text, type)
  }

  /// The whole number that `1e3`, `1.0` or `120e-1` is, by its digits: a double would not tell all of 64 bits apart.
  private static func wholeNumber<Number: FixedWidthInteger>(_ text: String, _ type: Number.Type) -> Number? {
    let sign = text.prefix { $0 == "-" }
    let parts = text.dropFirst(sign.count).split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined().drop { $0 == "0" }
    guard !digits.isEmpty else { return 0 }
    guard var exponent = parts.count == 1 ? 0 : Int(parts[1]) else { return nil }
    // No text is so long that its digits could make up for such an exponent.
    guard (-1 << 40...1 << 40).contains(exponent) else { return nil }
    exponent -= mantissa.count == 2 ? mantissa[1].count : 0
    while exponent < 0, digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    guard exponent >= 0, digits.count + exponent <= 20 else { return nil }
    return Number(sign + digits + String(repeating: "0", count: exponent))
  }

  private static func floating<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ value: JSONNode.Value, _ type: Number.Type
  ) -> Result<Number, Mismatch> {
    let text: String
    switch value {
    case .string("NaN"): return .success(.nan)
    case .string("Infinity"): return .success(.infinity)
    case .string("-Infinity"): return .success(-.infinity)
    case .number(let digits): text = digits
    case .string(let digits): text = digits
    default: return .failure(Mismatch(reason: "a number belongs here"))
    }
    guard isJSONNumber(text), let number = Number(text) else {
      return .failure(Mismatch(reason: "a number belongs here"))
    }
    guard number.isFinite else { return .failure(Mismatch(reason: "the number is too large for its field")) }
    return .success(number)
  }

  /// Whether a text has no other characters than a JSON number; Swift also reads `nan`, `inf` and hexadecimals.
  private static func isJSONNumber(_ text: String) -> Bool {
    guard let last = text.utf8.last, let first = text.utf8.first, first != UInt8(ascii: "+") else { return false }
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last)
      && text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
  }
}
