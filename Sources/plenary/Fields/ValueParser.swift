internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// Reads the value of a field as people write it on a command line; what it may be is said by the field's descriptor.
struct ValueParser {
  /// The language of texts.
  let language: String
  let kinds: KindCatalog

  /// The elements of a list: names, codes, enum values and numbers may be joined by commas, texts come one at a time.
  func elements(_ text: String, of field: FieldDescriptor, in root: any ProtobufMessage.Type) throws(Failure)
    -> [FieldValue]
  {
    if text.hasPrefix("["), case .list(let elements)? = try json(text, of: field, in: root) { return elements }
    var parts = [text]
    if joinsByCommas(field) {
      parts = text.split(separator: ",").map { $0.trimmingSpaces }
    }
    var elements: [FieldValue] = []
    for part in parts { elements.append(try one(part, of: field, in: root)) }
    return elements
  }

  private func joinsByCommas(_ field: FieldDescriptor) -> Bool {
    switch field.type {
    case .string: field.resourceReference != nil || field.name.hasSuffix("_codes")
    case .message(let type): type == GoogleDate.self
    case .bytes, .map: false
    default: true
    }
  }

  /// One value of a field's type; `present` is what it takes the place of.
  func one(
    _ text: String, of field: FieldDescriptor, in root: any ProtobufMessage.Type, present: FieldValue? = nil
  ) throws(Failure) -> FieldValue {
    guard case .message(let type) = field.type else { return try scalar(text, field.type, field) }
    if text.hasPrefix("{"), let value = try element(json: text, of: field, in: root) { return value }
    if type == LocalizedText.self { return .message(localized(text, present)) }
    if type == LanguageTaggedText.self {
      return .message(
        LanguageTaggedText.with {
          $0.language = language
          $0.value = text
        })
    }
    if type == GoogleDate.self {
      guard let date = CivilDate(text) else {
        throw Failure(.usage, "'\(text)' is no date", advice: "write it as 2017, 2017-05 or 2017-05-29")
      }
      return .message(date.message)
    }
    if type == ProtobufTimestamp.self, let time = try element(json: "\"\(text)\"", of: field, in: root) { return time }
    let paths = type.descriptor.fields.map { "\(field.name).\($0.name)" }
    throw Failure(
      .usage, "\(field.name) has several fields", advice: "set them one by one, or give it as JSON in braces",
      details: ["fields: " + paths.joined(separator: ", ")])
  }

  /// A scalar; `field` is nil for the value of a map's entry.
  func scalar(_ text: String, _ type: FieldType, _ field: FieldDescriptor?) throws(Failure) -> FieldValue {
    let value: FieldValue? =
      switch type {
      case .string: .string(reference(text, field))
      case .bool: Self.truths[text.lowercased()].map(FieldValue.bool)
      case .int32: Int32(text).map(FieldValue.int32)
      case .int64: Int64(text).map(FieldValue.int64)
      case .uint32: UInt32(text).map(FieldValue.uint32)
      case .uint64: UInt64(text).map(FieldValue.uint64)
      case .double: Double(text).map(FieldValue.double)
      case .float: Float(text).map(FieldValue.float)
      case .enumeration(let type): .enumeration(try EnumWords.number(text, of: type))
      case .bytes, .message, .map: nil
      }
    guard let value else { throw Failure(.usage, "'\(text)' is not \(Self.wanted(type))") }
    return value
  }

  private static let truths = ["true": true, "yes": true, "false": false, "no": false]

  private static func wanted(_ type: FieldType) -> String {
    switch type {
    case .bool: "true or false"
    case .double, .float: "a number"
    case .int32, .int64, .uint32, .uint64: "a whole number that fits"
    default: "a value that can be given here; give it with --file"
    }
  }

  /// The name that a reference means: an id alone is completed where only one kind can be meant.
  private func reference(_ text: String, _ field: FieldDescriptor?) -> String {
    guard let type = field?.resourceReference?.type, let kind = kinds.kind(ofType: type),
      !kind.pattern.matches(text), let name = kind.pattern.name(ids: text)
    else { return text }
    return name
  }

  private func localized(_ text: String, _ present: FieldValue?) -> LocalizedText {
    var localized = LocalizedText()
    if case .message(let message as LocalizedText)? = present { localized = message }
    if localized.values.isEmpty { localized.originalLanguage = language }
    localized.values[language] = text
    return localized
  }

  /// One value of a field, of a list one element, from the JSON that stands for it.
  private func element(
    json text: String, of field: FieldDescriptor, in root: any ProtobufMessage.Type
  ) throws(Failure) -> FieldValue? {
    guard field.cardinality == .repeated else { return try json(text, of: field, in: root) }
    return try json("[\(text)]", of: field, in: root)?.elements.first
  }

  /// The value of a field from the JSON that stands for it in its message.
  private func json(
    _ text: String, of field: FieldDescriptor, in root: any ProtobufMessage.Type
  ) throws(Failure) -> FieldValue? {
    try json(text, of: field, root)
  }

  private func json<Message: ProtobufMessage>(
    _ text: String, of field: FieldDescriptor, _ root: Message.Type
  ) throws(Failure) -> FieldValue? {
    // The field is read as the only one of its message, so that its descriptor decides what may stand there.
    let object = "{\"\(field.jsonName)\":\(text)}"
    do {
      return try ProtoJSON.decode(root, from: Array(object.utf8)).value(ofField: field.number)
    } catch {
      let hint = error.suggestion.map { ", did you mean \"\($0)\"?" } ?? ""
      throw Failure(.usage, "the JSON of \(error.path.isEmpty ? field.name : error.path): \(error.reason)\(hint)")
    }
  }
}

extension StringProtocol {
  /// The text without the spaces around it.
  var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
