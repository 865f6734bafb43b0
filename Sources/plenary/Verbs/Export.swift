internal import ArgumentParser
internal import PlenaryClient

/// `plenary export`: the records of the registry as one file.
struct Export: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Exports records as a plenary.v1.Bundle in JSON or YAML.",
    discussion: """
      Examples:

        plenary export --file registry.json
        plenary export organizations themes -o yaml

      It is written as JSON unless --output says yaml. The same records give the same bytes, whoever entered them and in \
      whatever order. With --output name only the names are printed.
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
