import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Records that say a good deal, and what an export makes of them.
enum ExportWorld {
  static let formats: [ExportRegistryRequest.Format] = [
    .icalendar, .schemaOrg, .skosTurtle, .skosRdfXml, .stix, .iati,
  ]

  /// The series, a dialogue of it with all that a calendar tells of one, and who stands behind it.
  static let records: [any ProtobufMessage] = [
    Organization.with {
      $0 = Sample.organization()
      ($0.acronym, $0.regionCode, $0.url) = ("O, 1", "MY", "https://o.example/a")
      $0.identifiers = [
        .with { ($0.scheme, $0.value) = (.iati, "XM-DAC-41127") }, .with { ($0.scheme, $0.value) = (.wikidata, "Q1") },
      ]
      $0.marking = .with { $0.label = .clear }
    },
    Sample.series(),
    Theme.with {
      $0 = Sample.theme("t1")
      $0.prefLabel = .with {
        ($0.values, $0.originalLanguage) = (["en": "Theme, one", "ar": "موضوع"], "en")
      }
      ($0.altLabels, $0.exactMatches) = (
        [.with { ($0.language, $0.value) = ("en", "One") }], ["http://metadata.un.org/thesaurus/1"]
      )
    },
    Theme.with {
      $0 = Sample.theme("t2", broader: ["themes/t1"])
      ($0.related, $0.state, $0.replacedBy) = (["themes/t3"], .deprecated, "themes/t1")
    },
    Sample.theme("t3"),
    Dialogue.with {
      $0 = Sample.plannedDialogue()
      $0.title = .with { ($0.values, $0.originalLanguage) = (["ar": "حوار", "en": "Dialogue; \"one\""], "ar") }
      ($0.themes, $0.languageCodes, $0.state) = (["themes/t1", "themes/t3"], ["ar", "en"], .concluded)
      $0.location = .with {
        ($0.venue, $0.locality, $0.regionCode) = ("Hall, 1", "Bangkok", "TH")
        ($0.latitude, $0.longitude) = (13.75, -0.5)
      }
      $0.summary = LocalizedText("What was said\nand done")
    },
    Sample.organizerOf("dialogues/d1"),
    Sample.panel(), Sample.finding(),
  ]

  /// The text of a file.
  static func text(
    _ registry: Registry, as caller: Caller = TestRegistry.caller, _ request: ExportRegistryRequest
  ) async throws -> String {
    String(decoding: try await bytes(registry, as: caller, request), as: UTF8.self)
  }

  /// The bytes of a file, whose messages come in the order that they have to.
  static func bytes(
    _ registry: Registry, as caller: Caller = TestRegistry.caller, _ request: ExportRegistryRequest
  ) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    var (isFirst, last) = (true, ExportRegistryResponse.Progress())
    try await registry.export(request, as: caller) { message in
      switch try ExportRegistryResponse(serializedBytes: message).content {
      case .header(let header):
        #expect(isFirst && !header.revision.isEmpty && !header.mediaType.isEmpty)
      case .data(let data):
        #expect(!data.isEmpty && data.count <= Registry.exportedDataByteCountMax)
        bytes += data
      case .progress(let progress):
        #expect(progress.readCount >= last.readCount && progress.writtenCount >= last.writtenCount)
        last = progress
      case .record, nil: Issue.record("a file has no records")
      }
      isFirst = false
    }
    #expect(last.writtenCount == last.partCount)
    return bytes
  }

  /// A file of a format; of all kinds that it has, or of some.
  static func request(_ format: ExportRegistryRequest.Format, _ types: [String] = []) -> ExportRegistryRequest {
    .with { ($0.format, $0.resourceTypes) = (format, types.map { "plenary.registry/\($0)" }) }
  }
}
