import Foundation
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// The texts of records that are searched, as they are read from encoded records.
@Suite struct SearchedTextsTests {
  /// What the decoded record says, looked up field by field.
  private func expected(_ record: any ProtobufMessage, _ kind: Kind) -> [String] {
    kind.searchedFields.flatMap { field in
      field.path.places(in: record).flatMap { value, indexes -> [String] in
        let path = field.path.text(at: indexes)
        switch value {
        case .string(let plain): return plain.isEmpty ? [] : ["\(path) : \(plain) \(field.isTitle)"]
        case .message(let texts as LocalizedText):
          return texts.values.sorted { $0.key < $1.key }.map { "\(path) \($0.key): \($0.value) \(field.isTitle)" }
        case .message(let tagged as LanguageTaggedText):
          return ["\(path) \(tagged.language): \(tagged.value) \(field.isTitle)"]
        default:
          Issue.record("\(path) is no text")
          return []
        }
      }
    }
  }

  private func found(
    _ bytes: [UInt8], _ kind: Kind, language: LanguageTag? = nil
  ) throws -> [String] {
    try kind.searchedTexts.texts(in: bytes, language: language).map {
      "\(kind.path(of: $0)) \($0.language): \($0.text) \($0.isTitle)"
    }
  }

  /// A message with something in each field, two elements in each list.
  private func filled(_ type: any ProtobufMessage.Type, depth: Int = 0) throws -> any ProtobufMessage {
    var message = type.init()
    for field in type.descriptor.fields {
      func value(_ number: Int) throws -> FieldValue? {
        switch field.type {
        case .string: return .string("\(field.name) \(number) à 反恐")
        case .int32: return .int32(Int32(number + 1))
        case .bool: return .bool(true)
        case .message(let type) where type == LocalizedText.self:
          return .message(
            LocalizedText.with {
              $0.values = ["en": "\(field.name) \(number)", "fr": "\(field.name) à \(number)", "ar": "نص"]
              $0.originalLanguage = "en"
            })
        case .message(let type): return depth < 2 ? .message(try filled(type, depth: depth + 1)) : nil
        default: return nil
        }
      }
      if field.isMap { continue }
      guard let first = try value(0), let second = try value(1) else { continue }
      try message.setValue(field.cardinality == .repeated ? .list([first, second]) : first, ofField: field.number)
    }
    return message
  }

  @Test func `the texts of an encoded record are those of the decoded one`() throws {
    for kind in KindCatalog.current.kinds {
      let record = try filled(kind.message)
      let expected = expected(record, kind)
      #expect(try found(record.serializedBytes(), kind) == expected)
      let paths = expected.map { text in
        text.prefix { $0 != " " }.split(separator: ".").filter { Int($0) == nil }.joined(separator: ".")
      }
      #expect(Set(paths) == Set(kind.searchedFields.map(\.path.text)), "\(kind.noun)")
    }
    for record in try RegistryImportTests.example() {
      let kind = try #require(KindCatalog.current.kind(named: record.resourceName))
      #expect(try found(record.serializedBytes(), kind) == expected(record, kind))
    }
  }

  @Test func `only texts in the language that is looked for count, and those of none`() throws {
    let source = Source.with {
      $0.title = .with { $0.values = ["en": "Report", "fr-CA": "Rapport", "fr": "Compte rendu"] }
      $0.publisher = "UN"
    }
    let bytes = try source.serializedBytes()
    #expect(
      try found(bytes, .source, language: LanguageTag("fr")) == [
        "title fr: Compte rendu true", "title fr-CA: Rapport true", "publisher : UN false",
      ])
    let theme = Theme.with {
      $0.prefLabel = LocalizedText("Theme")
      $0.altLabels = [("fr", "Sujet"), ("en", "Subject"), ("fr-CA", "Objet")].map { language, value in
        .with { ($0.language, $0.value) = (language, value) }
      }
    }
    #expect(
      try found(theme.serializedBytes(), .theme, language: LanguageTag("fr")) == [
        "alt_labels.0 fr: Sujet true", "alt_labels.2 fr-CA: Objet true",
      ])
  }

  @Test func `a text that comes in parts is read whole, and what is no record is refused`() throws {
    // protobuf encoding, "Last One Wins": the parts of a message are merged.
    let first = try Source.with { $0.title = .with { $0.values = ["fr": "Rapport"] } }.serializedBytes()
    let second = try Source.with { $0.title = .with { $0.values = ["en": "Report"] } }.serializedBytes()
    #expect(try found(first + second, .source) == ["title en: Report true", "title fr: Rapport true"])
    #expect(throws: ProtobufError.self) { try found(first.dropLast() + [], .source) }
    #expect(throws: ProtobufError.self) { try found([0xFF], .source) }
    #expect(try found([], .source).isEmpty)
  }
}
