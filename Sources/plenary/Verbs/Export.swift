internal import ArgumentParser
internal import PlenaryClient

/// `plenary export`: the records of the registry as one file.
struct Export: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Exports records as the ProtoJSON of plenary.v1.Bundle.",
    discussion: """
      Examples:

        plenary export --file registry.json
        plenary export organizations themes

      The same records give the same bytes, whoever entered them and in whatever order. With --output name only the \
      names are printed.
      """)

  @Argument(help: ArgumentHelp("The kinds to export. Default: all.", valueName: "kind"))
  var kinds: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write. What stands there is replaced when all is written. Default: the output of the program.",
      valueName: "path"))
  var file: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    var types: [String] = []
    for word in kinds { types.append(try KindCatalog.registry.kind(word).resource.type) }
    let request = ExportRegistryRequest.with { $0.resourceTypes = types }
    try await session.withRegistry(isBrief: false) { registry in
      let stream = try ExportServiceClient(registry.client.channel).exportRegistry(request, options: registry.options)
      guard let file, file != "-" else {
        _ = try await write(stream) { try session.console.write($0) }
        return
      }
      var count = 0
      try await OutputFile.write(file) { append in count = try await write(stream, append) }
      session.console.note("\(count) records in \(file)")
    }
  }

  /// Writes the records as they come, and says how many there were.
  private func write(
    _ stream: ResponseStream<ExportRegistryResponse>, _ append: ([UInt8]) throws -> Void
  ) async throws -> Int {
    var bundle = BundleText()
    for try await response in stream {
      guard case .record(let record) = response.content else { continue }
      if global.output == .name {
        try append(Array((record.name + "\n").utf8))
        bundle.count += 1
      } else {
        try append(try bundle.next(record))
      }
    }
    if global.output != .name { try append(bundle.end()) }
    return bundle.count
  }
}

/// The text of a bundle, record by record: the same bytes as the ProtoJSON of the whole.
struct BundleText {
  /// How many records there are so far.
  var count = 0

  /// The text of one more record, with what stands before it.
  mutating func next(_ record: Record) throws(Failure) -> [UInt8] {
    defer { count += 1 }
    let text = JSONValue.indented(JSONValue.indented(try JSONValue.message(record).text))
    return Array(((count == 0 ? "{\n  \"records\": [\n" : ",\n") + text).utf8)
  }

  /// The text behind the last record.
  func end() -> [UInt8] {
    Array((count == 0 ? "{}\n" : "\n  ]\n}\n").utf8)
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
