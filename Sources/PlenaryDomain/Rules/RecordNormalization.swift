internal import Foundation
internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// Brings a record into the form in which it is stored, and notes what cannot be brought into it.
///
/// It knows the fields by their types, by the proto's annotations, and by the names that the API's guidelines give to
/// certain values (`url`, `region_code`), so it holds for every kind.
///
/// What is too long or too many is refused before it is looked into, so that the work follows the limits and not the
/// request.
package struct RecordNormalization {
  /// The most characters of a text field.
  package static let textLengthMax = 1000

  /// The most characters of a localized text in one language.
  package static let localizedTextLengthMax = 20_000

  /// The most entries of a list, and the most languages of a text.
  package static let listCountMax = 1000

  /// The most annotations of a record, and the most characters of the key of one.
  package static let annotationCountMax = 64
  package static let annotationKeyLengthMax = 63

  /// The most bytes of a character: a text with more of them than so for each that it may have is not looked at.
  private static let characterByteCountMax = 4

  private var findings: Findings

  /// The numbers of the record's output-only fields that somebody has given nevertheless.
  private let given: Set<Int32>

  /// The record in normal form. Output-only fields are left as they are, but for those with the numbers in `given`.
  static func normalized(
    _ record: any ProtobufMessage, including given: Set<Int32> = [], _ findings: inout Findings
  ) -> any ProtobufMessage {
    var normalization = RecordNormalization(findings: findings, given: given)
    let result = normalization.message(record, at: "")
    findings = normalization.findings
    return result
  }

  private mutating func message(_ message: any ProtobufMessage, at path: String) -> any ProtobufMessage {
    var result = message
    // Nobody knows what such a field means or whom it may be shown to, so it is not kept.
    result.unknownFields = UnknownFields()
    for field in type(of: message).descriptor.fields
    where !field.behaviors.contains(.outputOnly) || path.isEmpty && given.contains(field.number) {
      let fieldPath = path.isEmpty ? field.name : "\(path).\(field.name)"
      let value = message.value(ofField: field.number).flatMap { self.value($0, of: field, at: fieldPath) }
      if value == nil, field.behaviors.contains(.required) {
        findings.add(fieldPath, .fieldRequired, "it must be set")
      }
      result.set(field, to: value)
    }
    return result
  }

  private mutating func value(_ value: FieldValue, of field: FieldDescriptor, at path: String) -> FieldValue? {
    switch value {
    case .list(let elements):
      guard elements.count <= Self.listCountMax else {
        tooLong(path, elements.count, max: Self.listCountMax)
        return value
      }
      return .list(
        elements.enumerated().map { index, element in
          let elementPath = "\(path).\(index)"
          if let normal = self.value(element, of: field, at: elementPath) { return normal }
          findings.add(elementPath, .fieldRequired, "an entry of the list is empty; leave it out")
          return element
        })
    case .map(let entries):
      return annotations(entries, at: path)
    case .string(let text):
      return text.isEmpty ? nil : .string(self.text(text, of: field, at: path))
    case .enumeration(let number):
      return enumeration(number, of: field, at: path)
    case .int32(let number) where number < 0:
      findings.add(path, .numberOutOfRange, "it must not be negative", metadata: ["value": "\(number)"])
      return value
    case .double(let number) where !number.isFinite:
      findings.add(path, .numberOutOfRange, "it must be a finite number")
      return value
    case .message(let text as LocalizedText):
      return localized(text, at: path).map { .message($0) }
    case .message(let date as GoogleDate):
      return self.date(date, at: path).map { .message($0) }
    case .message(var time as ProtobufTimestamp):
      time.unknownFields = UnknownFields()
      return .message(time)
    case .message(let nested):
      return .message(message(nested, at: path))
    default:
      return value
    }
  }

  /// Text in Unicode normalization form C, codes in their canonical form.
  private mutating func text(_ text: String, of field: FieldDescriptor, at path: String) -> String {
    let isAddress = field.name == "url" || field.name.hasSuffix("_url")
    if isAddress {
      if !WebAddress.isValid(text) {
        findings.add(
          path, .urlInvalid, "`\(text.clipped)` is not \(WebAddress.rule)", metadata: ["value": text.clipped])
        return text.clipped
      }
      return text
    }
    if let code = StandardCode(fieldName: field.name) { return self.code(text, as: code, at: path) }
    if field.name == "symbol" { return symbol(text, at: path) }
    return normal(text, max: Self.textLengthMax, at: path)
  }

  private mutating func code(_ text: String, as code: StandardCode, at path: String) -> String {
    if let canonical = code.canonical(text) { return canonical }
    findings.add(code.unknown(text, at: path))
    return text.clipped
  }

  private mutating func symbol(_ text: String, at path: String) -> String {
    if let symbol = MandateSymbol(text) { return symbol.canonical }
    findings.add(
      path, .symbolInvalid, "`\(text.clipped)` is not the symbol of a document such as `S/RES/2129 (2013)`",
      metadata: ["value": text.clipped])
    return text.clipped
  }

  private mutating func enumeration(_ number: Int32, of field: FieldDescriptor, at path: String) -> FieldValue? {
    guard case .enumeration(let type) = field.type, number != 0 else { return nil }
    findings.checkValue(number, of: type.descriptor, at: path)
    return .enumeration(number)
  }

  private mutating func date(_ date: GoogleDate, at path: String) -> GoogleDate? {
    var date = date
    date.unknownFields = UnknownFields()
    if date == GoogleDate() { return nil }
    if PartialDate(date) == nil {
      findings.add(
        path, .dateInvalid,
        "\(date.year)-\(date.month)-\(date.day) is no day of the calendar; a month or day that is not known is 0, and a "
          + "day needs its month")
    }
    return date
  }

  private mutating func annotations(_ entries: [FieldMapEntry], at path: String) -> FieldValue {
    guard entries.count <= Self.annotationCountMax else {
      tooLong(path, entries.count, max: Self.annotationCountMax)
      return .map([])
    }
    return .map(
      entries.map { entry in
        guard case .string(let key) = entry.key, case .string(let text) = entry.value else { return entry }
        let entryPath = "\(path).\(key.clipped)"
        return FieldMapEntry(
          key: .string(normal(key, max: Self.annotationKeyLengthMax, at: entryPath)),
          value: .string(normal(text, max: Self.textLengthMax, at: entryPath)))
      })
  }

  /// The text in Unicode normalization form C; only its beginning if it is refused.
  private mutating func normal(_ text: String, max: Int, at path: String) -> String {
    guard text.utf8.count <= max * Self.characterByteCountMax else {
      findings.add(
        path, .textTooLong, "it has \(text.utf8.count) bytes; at most \(max) characters are kept",
        metadata: ["max": "\(max)"])
      return text.clipped
    }
    guard text.isStreamSafe else {
      let marks = String.combiningMarkCountMax
      findings.add(
        path, .textTooLong, "more than \(marks) combining marks follow each other in it",
        metadata: ["max_combining_marks": "\(marks)"])
      return ""
    }
    let normal = text.precomposedStringWithCanonicalMapping
    // Characters are counted as Unicode scalar values (AIP-210); no text has more of them than bytes.
    if normal.utf8.count > max, normal.unicodeScalars.count > max {
      findings.add(
        path, .textTooLong, "it has \(normal.unicodeScalars.count) characters; at most \(max) are kept",
        metadata: ["max": "\(max)"])
    }
    return normal
  }

  private mutating func tooLong(_ path: String, _ count: Int, max: Int) {
    findings.add(
      path, .listTooLong, "it has \(count) entries; at most \(max) are kept", metadata: ["max": "\(max)"])
  }
}

extension RecordNormalization {
  /// A localized text with canonical language tags; nil if it has no text at all.
  private mutating func localized(_ text: LocalizedText, at path: String) -> LocalizedText? {
    var result = text
    result.unknownFields = UnknownFields()
    if result == LocalizedText() { return nil }
    for (name, count) in [("values", text.values.count), ("origins", text.origins.count)]
    where count > Self.listCountMax {
      tooLong("\(path).\(name)", count, max: Self.listCountMax)
      return LocalizedText()
    }
    result.values = byLanguage(text.values, at: "\(path).values")
    for (language, value) in result.values.sorted(by: { $0.key < $1.key }) {
      let valuePath = "\(path).values.\(language)"
      if value.isEmpty { findings.add(valuePath, .fieldRequired, "the text is empty; leave the language out") }
      result.values[language] = normal(value, max: Self.localizedTextLengthMax, at: valuePath)
    }
    for (language, origin) in text.origins {
      findings.checkValue(
        origin.rawValue, of: LocalizedText.Origin.descriptor, at: "\(path).origins.\(language.clipped)")
    }
    result.origins = byLanguage(text.origins, at: "\(path).origins").filter { $0.value != .unspecified }
    for language in result.origins.keys.sorted() where result.values[language] == nil {
      languageMissing(language, at: "\(path).origins.\(language)")
    }
    if !text.originalLanguage.isEmpty {
      result.originalLanguage = code(text.originalLanguage, as: .language, at: "\(path).original_language")
      if result.values[result.originalLanguage] == nil {
        languageMissing(result.originalLanguage, at: "\(path).original_language")
      }
    }
    return result
  }

  private mutating func byLanguage<Value>(_ values: [String: Value], at path: String) -> [String: Value] {
    var result: [String: Value] = [:]
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      let language = code(key, as: .language, at: "\(path).\(key.clipped)")
      if result.updateValue(value, forKey: language) != nil {
        findings.add(
          "\(path).\(key.clipped)", .languageDuplicate, "the text is there twice in the language `\(language)`",
          metadata: ["language": language])
      }
    }
    return result
  }

  private mutating func languageMissing(_ language: String, at path: String) {
    findings.add(
      path, .originalLanguageMissing, "there is no text in the language `\(language)`",
      metadata: ["language": language])
  }
}

extension Findings {
  /// Notes a number that an enum does not have; 0 stands for none.
  mutating func checkValue(_ number: Int32, of type: EnumDescriptor, at path: String) {
    guard number != 0, type.name(of: number) == nil else { return }
    let names = type.values.dropFirst().map(\.name).joined(separator: ", ")
    add(path, .codeUnknown, "\(number) is no value of it; the values are \(names)", metadata: ["value": "\(number)"])
  }
}

extension PartialDate {
  /// The date of a message; nil if the calendar has none such.
  init?(_ date: GoogleDate) {
    self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
  }
}

extension String {
  /// The beginning of a text that a caller sent, short enough for a message. It is measured in scalars, since what a
  /// reader takes for one character has no longest length.
  var clipped: String {
    let beginning = beginning(100)
    return beginning.utf8.count == utf8.count ? self : beginning + "…"
  }

  /// The first so many scalars.
  func beginning(_ count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) }
}
