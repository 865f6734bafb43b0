internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import PlenaryRenderings
internal import ProtobufRuntime

/// `plenary.v1.RenderingService`: writes the content of reports out for people.
struct RenderingHandler: RenderingService {
  let registry: Registry
  let failures: FailureReport

  /// The most bytes of one piece of a rendering.
  private static let chunkByteCount = 64 << 10

  func renderOutcomeReport(
    _ request: RenderOutcomeReportRequest, responses: ResponseWriter<RenderOutcomeReportResponse>,
    context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      try await offLoop {
        try ContentRendering.check(request.format)
        let (header, content) = try await content(of: request.name, as: context.caller)
        let rendering = try ContentRendering(request, header, content)
        let known = RenderOutcomeReportResponse.Header.with {
          $0.content = header
          $0.mimeType = rendering.mediaType
          $0.sizeBytes = Int64(rendering.bytes.count)
        }
        try await responses.write(.with { $0.item = .header(known) })
        for start in stride(from: 0, to: rendering.bytes.count, by: Self.chunkByteCount) {
          let end = min(start + Self.chunkByteCount, rendering.bytes.count)
          try await responses.write(.with { $0.item = .chunk(Array(rendering.bytes[start..<end])) })
        }
      }
    }
  }

  /// The content of a report as the caller may read it.
  private func content(
    of name: String, as caller: Caller
  ) async throws -> (header: OutcomeContentHeader, bytes: [UInt8]) {
    var header = OutcomeContentHeader()
    var bytes: [UInt8] = []
    try await registry.readOutcomeContent(.with { $0.name = name }, as: caller) { piece in
      switch piece.item {
      case .header(let told):
        header = told
        try ContentRendering.check(byteCount: told.sizeBytes)
      case .chunk(let chunk): bytes += chunk
      case nil: break
      }
    }
    return (header, bytes)
  }
}

/// A rendering of a content, as bytes.
struct ContentRendering {
  /// The most bytes of a content that is rendered here; a greater one is read, and rendered where it is wanted.
  static let contentByteCountMax = 32 << 20

  let mediaType: String
  let bytes: [UInt8]

  /// Renders a content as a request asks for it.
  /// - Throws: `codeUnknown`, `exportFormatUnknown`, `limitReached`.
  init(
    _ request: RenderOutcomeReportRequest, _ header: OutcomeContentHeader, _ content: [UInt8]
  ) throws(DomainError) {
    try Self.check(byteCount: Int64(content.count))
    guard let format = try Self.format(request.format) else {
      (mediaType, bytes) = ("application/json", content)
      return
    }
    do {
      var options = ProtoJSON.DecodingOptions()
      options.textBytesMax = Self.contentByteCountMax
      let message = try ProtoJSON.decode(OutcomeContent.self, from: content, options: options)
      let renderer = try ReportRenderer(message, ReportImprint(header), language: request.languageCode)
      (mediaType, bytes) = (format.mediaType, Array(renderer.text(format).utf8))
    } catch let error as RenderingError {
      let languages = error.available.joined(separator: ", ")
      throw DomainError(
        .init(
          "language_code", .codeUnknown, "the report has no texts in it; it has them in \(languages)",
          metadata: ["value": String(error.language.prefix(100)), "available": languages]))
    } catch {
      throw DomainError(.storeUnavailable, "the content of the report cannot be read: \(error)")
    }
  }

  /// Checks that a format is one of this version.
  static func check(_ format: RenderOutcomeReportRequest.Format) throws(DomainError) { _ = try Self.format(format) }

  /// Checks that a content is not too large to be rendered here.
  static func check(byteCount: Int64) throws(DomainError) {
    guard byteCount > contentByteCountMax else { return }
    throw DomainError(
      .limitReached,
      "the content has \(byteCount) bytes, and at most \(contentByteCountMax) are rendered here; read it, and render it "
        + "with `plenary report render --content`", metadata: ["max": "\(contentByteCountMax)"])
  }

  /// The format; nil for the content as it is.
  private static func format(_ format: RenderOutcomeReportRequest.Format) throws(DomainError) -> ReportFormat? {
    switch format {
    case .unspecified, .html: return .html
    case .markdown: return .markdown
    case .akomaNtoso: return .akomaNtoso
    case .json: return nil
    default:
      throw DomainError(
        .init(
          "format", .exportFormatUnknown, "it is \(format); this version writes MARKDOWN, HTML, AKOMA_NTOSO and JSON",
          metadata: ["value": "\(format)"]))
    }
  }
}
