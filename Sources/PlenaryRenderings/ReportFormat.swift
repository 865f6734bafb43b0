package import PlenaryAPI

/// What a report can be rendered as.
package enum ReportFormat: String, CaseIterable, Sendable {
  /// CommonMark with tables.
  case markdown = "md"
  /// One page of HTML with everything in it.
  case html
  /// Akoma Ntoso 3.0, the standard for documents of parliaments and assemblies.
  case akomaNtoso = "akn"

  /// The type of the bytes.
  package var mediaType: String {
    switch self {
    case .markdown: "text/markdown; charset=utf-8"
    case .html: "text/html; charset=utf-8"
    case .akomaNtoso: "application/akn+xml"
    }
  }
}

/// What a rendering says of the content besides what stands in it.
package struct ReportImprint: Hashable, Sendable {
  /// The report, `outcomeReports/{outcome_report}`; empty if it is not known.
  package var report = ""

  /// Where the report stands; unspecified if it is not known.
  package var state = OutcomeReport.State.unspecified

  /// The SHA-256 of the canonical JSON, in hexadecimal.
  package var contentDigest = ""

  /// The revision of the registry that it was compiled at, an opaque token.
  package var revision = ""

  /// The head of the tree over the audit, as whoever renders knows it; empty if it is not known.
  package var treeHead = ""

  /// An imprint of which nothing is known yet.
  package init() {}

  /// What is known of a content before it is read.
  package init(_ header: OutcomeContentHeader, treeHead: String = "") {
    report = header.report
    state = header.state
    contentDigest = header.contentDigest
    revision = header.inputRevision
    self.treeHead = treeHead
  }
}

/// Why a report cannot be rendered.
package struct RenderingError: Error, Hashable, Sendable {
  /// The language that was asked for.
  package let language: String

  /// Those that the report has texts in.
  package let available: [String]
}

/// Renders compiled content in one language.
///
/// A rendering is a pure function of the content, the imprint and the language: no clock, locale or address is in it.
package struct ReportRenderer {
  private let outline: Outline

  /// A renderer of a content.
  ///
  /// - Parameter language: One of the languages of the content; empty for the first of them.
  /// - Throws: `RenderingError` if the content has no texts in the language.
  package init(_ content: OutcomeContent, _ imprint: ReportImprint, language: String = "") throws(RenderingError) {
    let available = content.languageCodes
    let chosen = language.isEmpty ? available.first ?? "en" : language
    guard available.isEmpty || available.contains(where: { $0.lowercased() == chosen.lowercased() }) else {
      throw RenderingError(language: language, available: available)
    }
    let canonical = available.first { $0.lowercased() == chosen.lowercased() } ?? chosen
    outline = OutlineBuilder(content, imprint, canonical).outline()
  }

  /// The report in a format.
  package func text(_ format: ReportFormat) -> String {
    switch format {
    case .markdown: MarkdownWriter(outline).text()
    case .html: HTMLWriter(outline).text()
    case .akomaNtoso: AkomaNtosoWriter(outline).text()
    }
  }
}
