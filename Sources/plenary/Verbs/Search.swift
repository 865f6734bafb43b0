internal import ArgumentParser
internal import PlenaryClient

/// `plenary search`: the records that have some words in their texts.
struct Search: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Finds records of all kinds by the words in their texts.",
    discussion: """
      Examples:

        plenary search internet
        plenary search '"best practices" OR knowledge*' --kind directives --kind series
        plenary search 인터넷 --language ko --order name --output json

      Words are joined by AND, which may be left out, OR, which binds tighter, and NOT; words in quotation marks stand one \
      after another; a * at the end of a word stands for whatever it goes on with. Each line shows one text in which \
      words stand. In filters the same is written as search("internet").
      """)

  /// The order of what is found.
  enum Order: String, ExpressibleByArgument, CaseIterable {
    case relevance, name
  }

  @Argument(help: "The words.")
  var query: String

  @Option(help: "A kind to look in, such as directives; can be given several times. Default: all.")
  var kind: [String] = []

  @Option(
    name: .customLong("in"), help: ArgumentHelp("The record that they lie in. Default: any.", valueName: "parent"))
  var parent: String?

  @Option(help: "What comes first: what fits best (at most 200 records), or names in their order.")
  var order = Order.relevance

  @Option(help: ArgumentHelp("The most records to show.", valueName: "count"))
  var limit = 50

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be 1 or more.") }
  }

  func run(in session: Session) async throws {
    let request = try request(width: session.console.width)
    let (results, isTruncated) = try await session.withRegistry { registry in
      do {
        return try await found(request, registry)
      } catch let status as GRPCStatus {
        throw failure(status, session) ?? status
      }
    }
    switch global.output {
    case .table:
      if results.isEmpty {
        session.console.note("nothing found")
      } else {
        try session.console.print(lines(results, session))
      }
      if isTruncated { session.console.note("more is found than is put in order; `--order name` shows all") }
    case .name: try session.console.print(results.map(\.name))
    case .json, .yaml:
      var values: [JSONValue] = []
      for result in results { values.append(try .message(result)) }
      try session.answer(.array(values))
    }
  }

  /// What the other columns take of a line, about, and the least and the most of a snippet that is asked for.
  private static let otherColumnsWidth = 70
  private static let snippetLengths = 40...160

  private func request(width: Int?) throws -> SearchResourcesRequest {
    let kinds = KindCatalog.registry
    var request = SearchResourcesRequest()
    request.query = query
    for word in kind { request.resourceTypes.append(try kinds.kind(word).resource.type) }
    if let parent, parent != "-" { request.parent = parent }
    if let language = global.chosenLanguage { request.languageCode = language }
    request.order = order == .name ? .name : .relevance
    if let width {
      let room = width - Self.otherColumnsWidth
      request.snippetLength = Int32(
        min(max(room, Self.snippetLengths.lowerBound), Self.snippetLengths.upperBound))
    }
    return request
  }

  private func found(
    _ request: SearchResourcesRequest, _ registry: Registry
  ) async throws -> (results: [SearchResult], isTruncated: Bool) {
    var request = request
    var results: [SearchResult] = []
    var isTruncated = false
    repeat {
      request.pageSize = Int32(min(limit - results.count, 1000))
      let page = try await SearchServiceClient(registry.client.channel)
        .searchResources(request, options: registry.options)
      results += page.results
      isTruncated = isTruncated || page.truncated
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty && results.count < limit
    return (results, isTruncated)
  }

  /// The error below its place in the query; nil for one that has no place there.
  private func failure(_ status: GRPCStatus, _ session: Session) -> Failure? {
    guard let text = status.detail(RPCErrorInfo.self)?.metadata["position"], let position = Int(text) else {
      return nil
    }
    var failure = Failure(status, server: session.server)
    failure.details = FilterPointer.lines(query, at: position) + failure.details
    return failure
  }

  private func lines(_ results: [SearchResult], _ session: Session) -> [String] {
    let style = session.console.output.style
    var table = Table(
      [
        .init(title: "KIND"), .init(title: "NAME", isFixed: true), .init(title: "FIELD"),
        .init(title: "TEXT", widthMin: 20),
      ], style: style)
    for result in results {
      let kind = KindCatalog.registry.kind(ofType: result.resourceType)?.noun ?? result.resourceType
      for match in result.matches {
        let field = match.fieldPath + (match.languageCode.isEmpty ? "" : " (\(match.languageCode))")
        table.add([kind, result.name, field], last: match.runs)
      }
    }
    return table.lines(table.layout(width: session.console.width), head: style)
  }
}

extension SearchResult.Match {
  /// The snippet, taken apart where what is found begins and ends.
  fileprivate var runs: [Table.Run] {
    let characters = Array(snippet.unicodeScalars)
    func text(_ range: Swift.Range<Int>) -> String { String(String.UnicodeScalarView(characters[range])) }
    var runs: [Table.Run] = []
    var end = 0
    for range in ranges {
      let (start, stop) = (Int(range.start), Int(range.end))
      guard end <= start, start <= stop, stop <= characters.count else { continue }
      runs.append(Table.Run(text: text(end..<start)))
      runs.append(Table.Run(text: text(start..<stop), isBold: true))
      end = stop
    }
    return runs + [Table.Run(text: text(end..<characters.count))]
  }
}

/// `plenary rebuild-search-index`
struct RebuildSearchIndex: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Has the search index made anew while the daemon serves.",
    discussion: """
      Examples:

        plenary rebuild-search-index

      `plenary status` shows how far it has come. Until it is done, searches are refused with INDEX_BUILDING.
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.withRegistry { registry in
      _ = try await AdminServiceClient(registry.client.channel)
        .rebuildSearchIndex(RebuildSearchIndexRequest(), options: registry.options)
    }
    session.console.note("the search index is being made anew")
  }
}
