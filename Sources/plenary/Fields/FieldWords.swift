internal import PlenaryAPI
internal import GoogleAPI
internal import ProtobufRuntime

/// The value of a field in words, where it is one value and not a message of several fields.
enum FieldWords {
  /// The words, nil for a value that has fields of its own.
  static func words(_ value: FieldValue, of field: FieldDescriptor, language: String) -> String? {
    switch value {
    case .string(let text): field.name.hasSuffix("m49_code") ? M49Region.words(text) : text
    case .bool(let truth): truth ? "yes" : "no"
    case .int32(let number): "\(number)"
    case .int64(let number): "\(number)"
    case .uint32(let number): "\(number)"
    case .uint64(let number): "\(number)"
    case .double(let number): "\(number)"
    case .float(let number): "\(number)"
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .enumeration(let number): enumeration(number, field.type)
    case .message(let date as GoogleDate): CivilDate(date).words
    case .message(let time as ProtobufTimestamp): PointInTime.words(time)
    case .message(let text as LocalizedText): LocalizedWords.words(text, language)
    case .message(let text as LanguageTaggedText): text.value
    case .message, .list, .map: nil
    }
  }

  /// The value in one line for a table: a list is joined by commas; empty for what has no words.
  static func cell(_ value: FieldValue?, of field: FieldDescriptor, language: String) -> String {
    guard case .list(let elements) = value else {
      return value.flatMap { words($0, of: field, language: language) } ?? ""
    }
    return elements.compactMap { words($0, of: field, language: language) }.joined(separator: ", ")
  }

  /// The name of a field as people read it: `start_date` is `start date`.
  static func label(_ field: FieldDescriptor) -> String { field.name.replacing("_", with: " ") }

  private static func enumeration(_ number: Int32, _ type: FieldType) -> String {
    guard case .enumeration(let type) = type else { return "\(number)" }
    return EnumWords.words(number, of: type)
  }
}
