internal import ArgumentParser
internal import GRPCRuntime
internal import PlenaryClient
internal import ProtobufRuntime
internal import Transparency

/// The content of a report as it was read, and what was told of it.
struct ReportContent: Sendable {
  let header: OutcomeContentHeader
  /// The canonical JSON.
  let bytes: [UInt8]

  /// The SHA-256 of bytes, in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String {
    AuditLink.digest(bytes, []).map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// Reads the content of a report, and looks whether it is what its digest says.
  ///
  /// - Throws: a `Failure` if it is not, the `GRPCStatus` of a call that failed.
  static func read(_ name: String, _ registry: Registry) async throws -> ReportContent {
    let stream = try OutcomeReportServiceClient(registry.client.channel).readOutcomeReportContent(
      .with { $0.name = name }, options: registry.options)
    var header: OutcomeContentHeader?
    var bytes: [UInt8] = []
    for try await piece in stream {
      switch piece.item {
      case .header(let told): header = told
      case .chunk(let chunk): bytes += chunk
      case nil: continue
      }
    }
    guard let header else { throw Failure(.other, "the daemon sent the content of \(name) without its header") }
    guard digest(bytes) == header.contentDigest else {
      throw Failure(
        .differs, "the content of \(name) came with another digest than it was said to have", advice: "read it again")
    }
    return ReportContent(header: header, bytes: bytes)
  }

  /// The content as a message.
  ///
  /// - Throws: a `Failure` if it is none that this version knows.
  func message() throws(Failure) -> OutcomeContent { try Self.message(bytes, header.report) }

  /// The canonical JSON of a content that may be written otherwise.
  static func canonical(_ bytes: [UInt8], _ title: String) throws -> [UInt8] {
    do {
      return try ProtoJSON.encode(try message(bytes, title), options: .canonical)
    } catch let error as ProtobufError {
      throw Failure(.invalid, "\(title) has no canonical form: \(error)")
    }
  }

  /// The message that JSON stands for.
  static func message(_ bytes: [UInt8], _ title: String) throws(Failure) -> OutcomeContent {
    var options = ProtoJSON.DecodingOptions()
    options.textBytesMax = ContentFile.byteCountMax
    do {
      return try ProtoJSON.decode(OutcomeContent.self, from: bytes, options: options)
    } catch {
      throw Failure(.invalid, "\(title) is no content of an outcome report that this version knows: \(error)")
    }
  }
}

/// `plenary report show`
struct ReportShow: Verb {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows the content of a report that was compiled, or writes it into a file.",
    discussion: """
      Examples:

        plenary report show asia-ict-ct-outcomes
        plenary report show asia-ict-ct-outcomes --file outcomes.json

      With --file, and with --output json, it is the canonical JSON that the digest is taken of, byte for byte.
      """)

  @Argument(help: "The report.")
  var name: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write the canonical JSON to.", valueName: "path"))
  var file: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let name = try ReportVerbs.name(name)
    let content = try await session.withRegistry(isBrief: false) { try await ReportContent.read(name, $0) }
    if let file {
      try await OutputFile.write(file) { append in try append(content.bytes) }
      return session.console.note("\(ByteCount.words(content.header.sizeBytes)) in \(file)")
    }
    switch global.output {
    case .json: try session.console.write(content.bytes)
    case .yaml: try session.answer(.message(try content.message()))
    case .name: try session.console.print([content.header.contentDigest])
    case .table:
      try session.console.print(
        ReportOverview(content: try content.message(), header: content.header, language: global.language)
          .sheet.lines(width: session.console.width, style: session.console.output.style))
    }
  }
}

/// `plenary report verify`
struct ReportVerify: Verb {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Takes the digest of a content anew, and compares it with what it should be.",
    discussion: """
      Examples:

        plenary report verify outcomes.json
        plenary report verify outcomes.json --digest 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
        plenary report verify outcomes.json --report asia-ict-ct-outcomes

      The digest is that of the canonical form, so that a file may be indented. Without --report nothing is asked of a \
      daemon. Exits with 9 if something differs.
      """)

  @Argument(help: ArgumentHelp("The file with the content as JSON; - is the input of the program.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The digest that it should have.", valueName: "hexadecimal"))
  var digest: String?

  @Option(help: ArgumentHelp("The report whose content it should be.", valueName: "report"))
  var report: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let title = InputFile(path: file).title
    let bytes = try ContentFile.read(file)
    let canonical = try ReportContent.canonical(bytes, title)
    let found = ReportContent.digest(canonical)
    var expected: [(what: String, digest: String)] = []
    if let digest { expected.append(("--digest", digest.lowercased())) }
    if let report {
      let name = try ReportVerbs.name(report)
      let told = try await session.withRegistry(isBrief: false) { registry in
        try await OutcomeReportServiceClient(registry.client.channel).getOutcomeReport(
          .with { $0.name = name }, options: registry.options)
      }
      expected.append((name, told.contentDigest))
    }
    try answer(found, isCanonical: canonical == bytes, session)
    let wrong = expected.filter { $0.digest != found }
    guard let first = wrong.first else { return }
    throw Failure(
      .differs, "\(title) is not the content of \(first.what)",
      details: wrong.map { "\($0.what): \($0.digest.isEmpty ? "no digest" : $0.digest)" })
  }

  private func answer(_ digest: String, isCanonical: Bool, _ session: Session) throws {
    switch global.output {
    case .table:
      var sheet = Sheet()
      sheet.add("digest", digest)
      sheet.add("canonical", isCanonical ? "yes, byte for byte" : "no: the digest is that of its canonical form")
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml:
      try session.answer(.object([("contentDigest", .string(digest)), ("canonical", .bool(isCanonical))]))
    case .name: try session.console.print([digest])
    }
  }
}
