internal import ArgumentParser
internal import PlenaryClient
internal import PlenaryRenderings

/// `plenary report render`: a report for people, as a page, a document or a text.
struct ReportRender: Verb {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Writes a report that was compiled as HTML, PDF, Markdown, Akoma Ntoso or JSON.",
    discussion: """
      Examples:

        plenary report render asia-ict-ct-outcomes --file outcomes.html
        plenary report render asia-ict-ct-outcomes --format pdf --language ar --file outcomes.pdf
        plenary report render --content outcomes.json --format md

      With --content nothing is asked of a daemon: the file is the canonical JSON that `plenary report show --file` writes. \
      With --tree-head, which takes an OFFICER, the head of the tree over the audit stands in the foot. PDF is made by \
      Chromium, which gets no network, where that is installed. Without --language it is the first one of the report.
      """)

  /// What a report is written as.
  enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
    case html, pdf, md, akn, json
  }

  @Argument(help: "The report.")
  var name: String?

  @Option(help: "What to write it as.")
  var format = Format.html

  @Option(
    help: ArgumentHelp(
      "The file with the content, instead of a report; - is the input of the program.", valueName: "file"))
  var content: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write. Default: the output of the program.", valueName: "path"))
  var file: String?

  @Flag(help: "Put the head of the tree over the audit into the foot.")
  var treeHead = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if (name == nil) == (content == nil) { throw ValidationError("Give either a report or --content.") }
    if treeHead, content != nil { throw ValidationError("--tree-head asks the daemon; leave out --content.") }
  }

  func run(in session: Session) async throws {
    // What prints is looked for first, so that nothing is read in vain.
    let printer = format == .pdf ? try PDFPrinter(environment: session.environment) : nil
    if let printer {
      let page = try await rendering(session)
      return try await write(try await printer.pdf(of: page), session)
    }
    try await write(try await rendering(session), session)
  }

  private func write(_ bytes: [UInt8], _ session: Session) async throws {
    guard let file, file != "-" else { return try session.console.write(bytes) }
    try await OutputFile.write(file) { append in try append(bytes) }
    session.console.note("\(bytes.count) bytes in \(file)")
  }

  /// The bytes; of a PDF those of the page that it is made of.
  private func rendering(_ session: Session) async throws -> [UInt8] {
    if let content {
      let title = InputFile(path: content).title
      let bytes = try ReportContent.canonical(try ContentFile.read(content), title)
      var imprint = ReportImprint()
      imprint.contentDigest = ReportContent.digest(bytes)
      return try render(bytes, title, imprint)
    }
    let name = try ReportVerbs.name(name ?? "")
    return try await session.withRegistry(isBrief: false) { registry in
      guard treeHead else { return try await ask(name, registry) }
      let content = try await ReportContent.read(name, registry)
      let head = try await TransparencyServiceClient(registry.client.channel)
        .getTreeHead(GetTreeHeadRequest(), options: registry.options)
      return try render(content.bytes, name, ReportImprint(content.header, treeHead: Self.line(head.checkpoint)))
    }
  }

  /// Has the daemon render it.
  private func ask(_ name: String, _ registry: Registry) async throws -> [UInt8] {
    let request = RenderOutcomeReportRequest.with {
      $0.name = name
      $0.languageCode = global.chosenLanguage ?? ""
      $0.format =
        switch format {
        case .html, .pdf: .html
        case .md: .markdown
        case .akn: .akomaNtoso
        case .json: .json
        }
    }
    var bytes: [UInt8] = []
    for try await piece in try RenderingServiceClient(registry.client.channel)
      .renderOutcomeReport(request, options: registry.options)
    {
      if case .chunk(let chunk)? = piece.item { bytes += chunk }
    }
    return bytes
  }

  private func render(_ bytes: [UInt8], _ title: String, _ imprint: ReportImprint) throws(Failure) -> [UInt8] {
    let rendered: ReportFormat
    switch format {
    case .json: return bytes
    case .html, .pdf: rendered = .html
    case .md: rendered = .markdown
    case .akn: rendered = .akomaNtoso
    }
    let message = try ReportContent.message(bytes, title)
    do {
      return Array(try ReportRenderer(message, imprint, language: global.chosenLanguage ?? "").text(rendered).utf8)
    } catch {
      throw Failure(
        .usage, "the report has no texts in '\(error.language)'",
        advice: "choose --language \(error.available.joined(separator: " or "))")
    }
  }

  /// A signed head in one line: the name of the tree, its size and its root.
  private static func line(_ checkpoint: String) -> String {
    checkpoint.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }.joined(separator: " ")
  }
}
