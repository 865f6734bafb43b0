internal import ArgumentParser
internal import PlenaryClient

/// `plenary export`: the records of the registry as one file.
struct Export: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Exports records as one file: a plenary.v1.Bundle, or a public format.",
    discussion: """
      Examples:

        plenary export --file registry.json
        plenary export organizations themes -o yaml
        plenary export --format ics --language fr --file dialogues.ics
        plenary export --format csv dialogues --filter 'start_date >= "2018"' > dialogues.csv
        plenary export --format skos --ceiling TLP:CLEAR --base-uri https://registry.example.org/ --file themes.ttl

      A bundle is written as JSON unless --output says yaml; with --output name only the names are printed. The same records \
      give the same bytes, whoever entered them and in whatever order.

      A file in any other format is made to be passed on: it has nothing that is marked TLP:RED, and does not say who stands \
      behind a dialogue under the Chatham House Rule. A text that it has room for in one language alone is in that of \
      --language, else in English, else in the language that it was written in.
      """)

  @Argument(help: ArgumentHelp("The kinds to export. Default: all that the format has.", valueName: "kind"))
  var kinds: [String] = []

  @Option(help: ArgumentHelp("What to write: \(ExportFormat.help)", valueName: "format"))
  var format = ExportFormat.bundle.rawValue

  @Option(help: "Export only the records for which this filter holds, as list takes it.")
  var filter = ""

  @Option(
    help: ArgumentHelp(
      "The strictest label to export, such as TLP:GREEN: what is marked more strictly is left out.", valueName: "label")
  )
  var ceiling: String?

  @OptionGroup
  var past: PastOptions

  @Option(
    name: .customLong("base-uri"),
    help: ArgumentHelp(
      "Where the addresses of records begin in jsonld, skos and ics, ending with a slash. Default: urn:plenary:.",
      valueName: "address"))
  var baseURI = ""

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write. What stands there is replaced when all is written. Default: the output of the program.",
      valueName: "path"))
  var file: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let format = try ExportFormat(word: format)
    guard format == .bundle || global.output == .table else {
      throw Failure(
        .usage, "--output \(global.output.rawValue) is for bundles, and this is \(format.rawValue)",
        advice: "leave out one of them")
    }
    let request = try request(format)
    try await session.withRegistry(isBrief: false) { registry in
      let stream = try ExportServiceClient(registry.client.channel).exportRegistry(request, options: registry.options)
      guard let file, file != "-" else {
        _ = try await write(format, stream, session) { try session.console.write($0) }
        return
      }
      var count = 0
      try await OutputFile.write(file) { append in count = try await write(format, stream, session, append) }
      session.console.note(format == .bundle ? "\(count) records in \(file)" : "\(count) bytes in \(file)")
    }
  }

  private func request(_ format: ExportFormat) throws(Failure) -> ExportRegistryRequest {
    var request = ExportRegistryRequest()
    for word in kinds { request.resourceTypes.append(try KindCatalog.registry.kind(word).resource.type) }
    guard format != .csv || kinds.count == 1 else {
      throw Failure(
        .usage, "a csv file is a table of one kind", advice: "name it, as in plenary export --format csv themes")
    }
    request.format = format.message
    request.filter = filter
    request.baseURI = baseURI
    if let ceiling {
      request.ceilingLabel = Marking.Label(rawValue: try EnumWords.number(ceiling, of: Marking.Label.self))
    }
    if let language = global.chosenLanguage { request.languageCodes = [language] }
    request.revision = past.at?.revision ?? ""
    request.readTime = past.at?.time
    return request
  }

  /// Writes what comes as it comes, and says how many records or bytes there were.
  private func write(
    _ format: ExportFormat, _ stream: ResponseStream<ExportRegistryResponse>, _ session: Session,
    _ append: ([UInt8]) throws -> Void
  ) async throws -> Int {
    guard format != .bundle else { return try await writeBundle(stream, append) }
    var bar = ProgressBar(console: session.console)
    defer { bar.end() }
    var count = 0
    for try await response in stream {
      switch response.content {
      case .data(let bytes):
        try append(bytes)
        count += bytes.count
      case .progress(let progress):
        let isWriting = progress.partCount > 0
        bar.reached(
          isWriting ? "writing" : "\(progress.readCount) records read", progress.writtenCount, of: progress.partCount)
      case .header, .record, nil: break
      }
    }
    return count
  }

  private func writeBundle(
    _ stream: ResponseStream<ExportRegistryResponse>, _ append: ([UInt8]) throws -> Void
  ) async throws -> Int {
    var bundle = RecordListText(global.output, member: "records")
    var count = 0
    for try await response in stream {
      guard case .record(let record) = response.content else { continue }
      if global.output == .name {
        try append(Array((record.name + "\n").utf8))
      } else {
        try append(try bundle.next(record))
      }
      count += 1
    }
    if global.output != .name { try append(bundle.end()) }
    return count
  }
}

extension Record {
  /// What is in the record, whatever its kind; nil for a kind that this version does not know.
  var content: (any ResourceMessage)? {
    for field in Self.descriptor.fields {
      if let record = value(ofField: field.number)?.message as? any ResourceMessage { return record }
    }
    return nil
  }

  /// The name of the record.
  var name: String { content?.name ?? "" }
}
