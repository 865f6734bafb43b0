import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@testable import PlenaryServices

/// Renderings as the daemon makes them.
@Suite struct ContentRenderingTests {
  private static func rendering(
    _ content: [UInt8], _ change: (inout RenderOutcomeReportRequest) -> Void = { _ in }
  ) throws -> ContentRendering {
    try ContentRendering(RenderOutcomeReportRequest.with(change), OutcomeContentHeader(), content)
  }

  private static let content = Array(
    #"{"languageCodes":["fr"],"title":{"texts":[{"languageCode":"fr","text":"Rapport"}]}}"#.utf8)

  @Test func `a content is a page unless something else is asked for`() throws {
    let page = try Self.rendering(Self.content)
    #expect(
      page.mediaType == "text/html; charset=utf-8"
        && String(decoding: page.bytes, as: UTF8.self).contains("<h1>Rapport</h1>"))
    let text = try Self.rendering(Self.content) { $0.format = .markdown }
    #expect(String(decoding: text.bytes, as: UTF8.self).hasPrefix("# Rapport\n"))
    let json = try Self.rendering(Self.content) { ($0.format, $0.languageCode) = (.json, "th") }
    #expect(json.bytes == Self.content && json.mediaType == "application/json")
  }

  @Test func `a language that the report does not have is refused with those that it has`() {
    let error = #expect(throws: DomainError.self) { try Self.rendering(Self.content) { $0.languageCode = "en" } }
    #expect(error?.reason == .codeUnknown && error?.metadata["available"] == "fr")
  }

  @Test func `a content has a most number of bytes`() throws {
    let most = Self.content + Array(repeating: 0x20, count: ContentRendering.contentByteCountMax - Self.content.count)
    #expect(try Self.rendering(most).bytes.isEmpty == false)
    let error = #expect(throws: DomainError.self) { try Self.rendering(most + [0x20]) }
    #expect(error?.reason == .limitReached)
    #expect(throws: DomainError.self) { try ContentRendering.check(byteCount: Int64(most.count) + 1) }
  }
}
