internal import GoogleAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What the values at a path are compared as, in filters, in orders and in the index alike.
package enum ComparisonForm: Hashable, Sendable {
  /// Text, character by character.
  case text
  /// A code, whose canonical form is stored.
  case code(StandardCode)
  /// The symbol of a document, without regard to letter case and spaces.
  case symbol
  /// A whole number.
  case integer
  /// A number.
  case number
  /// True or false.
  case boolean
  /// A value of an enum.
  case enumeration
  /// A date, perhaps partial.
  case date
  /// A point in time.
  case time
  /// Something that can only be there or not.
  case opaque

  /// The longest text that an index takes whole, in bytes; a longer one is found by its beginning.
  static let indexedTextByteCountMax = 512

  /// The form of the values at a path.
  init(_ path: ValuePath) {
    switch path.valueType {
    case .string:
      let name = path.field.name
      self = StandardCode(fieldName: name).map(ComparisonForm.code) ?? (name == "symbol" ? .symbol : .text)
    case .int32, .int64, .uint32, .uint64: self = .integer
    case .double, .float: self = .number
    case .bool: self = .boolean
    case .enumeration: self = .enumeration
    case .message(let type) where type == GoogleDate.self: self = .date
    case .message(let type) where type == ProtobufTimestamp.self: self = .time
    default: self = .opaque
    }
  }

  /// The index value for a field's value; nil if it has none.
  func indexValue(_ value: FieldValue) -> IndexValue? {
    switch value {
    case .string(let text): .string(indexed(text))
    case .int32(let number): .integer(Int64(number))
    case .int64(let number): .integer(number)
    case .uint32(let number): .integer(Int64(number))
    case .bool(let truth): .boolean(truth)
    case .enumeration(let number): .integer(Int64(number))
    case .message(let message as GoogleDate):
      .date(year: Int(message.year), month: Int(message.month), day: Int(message.day))
    case .message(let message as ProtobufTimestamp):
      .composite(.integer(message.seconds), .integer(Int64(message.nanos)))
    default: nil
    }
  }

  /// The text as it stands in the index.
  private func indexed(_ text: String) -> String {
    let key = self == .symbol ? MandateSymbol(text)?.key ?? text : text
    guard key.utf8.count > Self.indexedTextByteCountMax else { return key }
    var beginning = String.UnicodeScalarView()
    var byteCount = 0
    for scalar in key.unicodeScalars {
      byteCount += UTF8.width(scalar)
      if byteCount > Self.indexedTextByteCountMax { break }
      beginning.append(scalar)
    }
    return String(beginning)
  }
}
