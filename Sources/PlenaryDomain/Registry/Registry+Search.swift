package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

extension Registry {
  /// The most records that are put in the order of how well they fit.
  package static let rankedCountMax = 200

  /// The characters of a snippet, and the most texts of a record that are shown.
  package static let snippetLengthDefault = 160
  package static let snippetLengthMin = 40
  package static let snippetLengthMax = 1000
  package static let matchCountMax = 5

  /// The most bytes of a page of results.
  private static let resultByteCountMax = 3 << 20

  /// The most records that are read at a time.
  private static let searchedReadCount = 100

  /// Finds live records by the words in their texts.
  /// - Throws: `searchSyntax`, `resourceTypeUnknown`, `codeUnknown`, `idInvalid`, `pageSizeInvalid`, `pageTokenInvalid`,
  ///   `numberOutOfRange`, `indexBuilding`, `indexBehind`.
  package func search(
    _ request: SearchResourcesRequest, as caller: Caller
  ) async throws(DomainError) -> (response: SearchResourcesResponse, revision: String) {
    let query = try Self.query(request.query)
    let selected = try selectedKinds(request.resourceTypes, under: request.parent)
    let language = try Self.language(request.languageCode)
    let isByName = try Self.isByName(request.order)
    let limit = try Self.pageSize(request.pageSize)
    let snippetLength = try Self.snippetLength(request.snippetLength)
    let description = Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    let revision: Revision = if let token { token.revision } else { try await head() }
    if token == nil { try await search?.waitUntilFed(through: revision) }

    let searched = SearchedRecords(
      match: SearchMatch(query: query, language: language),
      kinds: selected.kinds.filter { !$0.searchedFields.isEmpty },
      scope: selected.parent.isEmpty ? .all : KeyPrefix(selected.parent + "/") ?? .all, revision: revision)
    let presentation = ResultPresentation(match: searched.match, snippetLength: snippetLength)
    var (response, next) =
      isByName
      ? try await named(searched, presentation, as: caller, after: token, limit: limit)
      : try await ranked(searched, presentation, as: caller, after: token, limit: limit)
    if let next {
      response.nextPageToken = pageTokens.seal(
        PageToken(revision: revision, place: next), for: description, isUnlike: !caller.viewer.seesEverything)
    }
    return (response, text(revision, for: caller))
  }

  /// Which records are searched, and at which revision.
  private struct SearchedRecords: Sendable {
    var match: SearchMatch
    let kinds: [Kind]
    let scope: KeyPrefix
    let revision: Revision

    /// Records that are found already.
    var known: Set<Key> = []

    /// What was read of the records to see whether they satisfy the query.
    let read = ReadRecords()
  }

  /// What the store is asked for them.
  private func query(_ searched: SearchedRecords) -> Query {
    let memberships = searched.kinds.map { Query.Condition($0.membership, .equals(.unset)) }
    var query = Query(scope: searched.scope, conditions: memberships.count == 1 ? memberships : [])
    if memberships.count > 1 { query.unions = [memberships] }
    query.predicate = { [kinds, match = searched.match, read = searched.read, known = searched.known] record in
      if known.contains(record.key) { return false }
      // A record that cannot be read has no texts.
      guard let found = try? ReadRecord(record, kinds, match), match.holds(for: found.counts) else { return false }
      read.keep(found)
      return true
    }
    query.candidates = search.map { access in
      SearchCandidates(
        access.index,
        SearchRequest(
          expression: searched.match.query.expression, isInTitles: searched.match.isInTitles,
          groups: searched.kinds.map(\.searchGroup), revision: searched.revision))
    }
    return query
  }

  /// A page of results in the order of names.
  private func named(
    _ searched: SearchedRecords, _ presentation: ResultPresentation, as caller: Caller, after token: PageToken?,
    limit: Int
  ) async throws(DomainError) -> (SearchResourcesResponse, PageToken.Place?) {
    let query = query(searched)
    let witness = witness(for: caller, .search)
    var cursor: Cursor?
    if case .cursor(let place)? = token?.place { cursor = place }
    var response = SearchResourcesResponse()
    var byteCount = 0
    repeat {
      let count = min(limit - response.results.count, Self.searchedReadCount)
      let page = try await page(
        query, as: caller, after: cursor, limit: PageLimit(records: count), at: searched.revision)
      for record in page.records {
        try DomainError.checkCancellation()
        let found = try searched.read.take(record, kinds, searched.match)
        if let result = presentation.result(found, score: 0) {
          byteCount += result.byteCountAbout
          guard response.results.isEmpty || byteCount <= Self.resultByteCountMax else {
            return (response, cursor.map { .cursor($0) })
          }
          witness?.note(record)
          response.results.append(result)
        }
        cursor = Cursor(value: [], key: record.key)
      }
      cursor = page.next
    } while cursor != nil && response.results.count < limit
    return (response, cursor.map { .cursor($0) })
  }

  /// A page of results in the order of how well they fit. They are found and put in order anew for each page, at the same
  /// revision, where they are the same.
  private func ranked(
    _ searched: SearchedRecords, _ presentation: ResultPresentation, as caller: Caller, after token: PageToken?,
    limit: Int
  ) async throws(DomainError) -> (SearchResourcesResponse, PageToken.Place?) {
    var titles = searched
    titles.match.isInTitles = true
    var found: [ReadRecord] = []
    for var searched in [titles, searched] where found.count <= Self.rankedCountMax {
      searched.known = Set(found.map(\.key))
      let query = query(searched)
      var cursor: Cursor?
      repeat {
        // One more than is shown tells that there are more.
        let missing = Self.rankedCountMax + 1 - found.count
        let page = try await page(
          query, as: caller, after: cursor, limit: PageLimit(records: min(Self.searchedReadCount, missing)),
          at: searched.revision)
        for record in page.records where found.count <= Self.rankedCountMax {
          try DomainError.checkCancellation()
          found.append(try searched.read.take(record, kinds, presentation.match))
        }
        cursor = page.next
      } while cursor != nil && found.count <= Self.rankedCountMax
    }
    var response = SearchResourcesResponse()
    response.truncated = found.count > Self.rankedCountMax
    if response.truncated { found.removeLast() }
    var ranking = SearchRanking()
    for record in found { ranking.add(record.counts) }
    let ordered = zip(found, ranking.scores).sorted { ($1.1, $0.0.key) < ($0.1, $1.0.key) }

    var start = 0
    if case .offset(let count)? = token?.place { start = count }
    var byteCount = 0
    let witness = witness(for: caller, .search)
    var end = start
    for (record, score) in ordered.dropFirst(start).prefix(limit) {
      if let result = presentation.result(record, score: score) {
        byteCount += result.byteCountAbout
        guard response.results.isEmpty || byteCount <= Self.resultByteCountMax else { break }
        witness?.note(record.stored)
        response.results.append(result)
      }
      end += 1
    }
    return (response, end < ordered.count && end > start ? .offset(end) : nil)
  }

  // MARK: Requests

  private static func query(_ text: String) throws(DomainError) -> SearchQuery {
    do throws(SearchQuery.Malformed) {
      return try SearchQuery(text)
    } catch {
      var metadata = ["position": "\(error.position)"]
      metadata["max"] = error.max.map { "\($0)" }
      throw DomainError(
        .init("query", .searchSyntax, "\(error.message) (at character \(error.position + 1))", metadata: metadata))
    }
  }

  private static func language(_ code: String) throws(DomainError) -> LanguageTag? {
    guard !code.isEmpty else { return nil }
    guard let language = LanguageTag(code) else {
      throw DomainError(
        .init(
          "language_code", .codeUnknown, "`\(code.clipped)` is not \(StandardCode.language.rule)",
          metadata: ["value": code.clipped]))
    }
    return language
  }

  private static func isByName(_ order: SearchResourcesRequest.Order) throws(DomainError) -> Bool {
    switch order {
    case .unspecified, .relevance: return false
    case .name: return true
    default:
      throw DomainError(.init("order", .numberOutOfRange, "it is none of the values; give RELEVANCE or NAME"))
    }
  }

  private static func snippetLength(_ length: Int32) throws(DomainError) -> Int {
    if length == 0 { return snippetLengthDefault }
    guard (snippetLengthMin...snippetLengthMax).contains(Int(length)) else {
      throw DomainError(
        .init(
          "snippet_length", .numberOutOfRange,
          "it is \(length); it is from \(snippetLengthMin) to \(snippetLengthMax), and 0 means \(snippetLengthDefault)",
          metadata: ["value": "\(length)", "max": "\(snippetLengthMax)"]))
    }
    return Int(length)
  }

  /// What the page tokens are bound to.
  private static func description(of request: SearchResourcesRequest, _ caller: Caller) -> [UInt8] {
    let words =
      [
        "SearchResources", request.query, request.parent, request.languageCode, "\(request.order.rawValue)",
        caller.principal,
      ] + request.resourceTypes
    return words.flatMap { Array($0.utf8) + [0] }
  }
}

/// A record that was found, with what is found in its texts.
private final class ReadRecord: Sendable {
  let stored: StoredRecord
  let kind: Kind
  let counts: SearchMatch.Counts

  var key: Key { stored.key }
  var revision: Revision { stored.revision }

  init(_ record: StoredRecord, _ kinds: KindCatalog, _ match: SearchMatch) throws(DomainError) {
    guard let kind = kinds.kind(named: record.key.name) else {
      throw DomainError(.storeUnavailable, "the store has a record of a kind that this version does not know")
    }
    stored = record
    self.kind = kind
    counts = match.counts(in: try Self.texts(of: record, kind, match))
  }

  /// Its texts, those in the language that is looked for.
  func texts(for match: SearchMatch) throws(DomainError) -> [SearchedText] {
    try Self.texts(of: stored, kind, match)
  }

  private static func texts(
    of record: StoredRecord, _ kind: Kind, _ match: SearchMatch
  ) throws(DomainError) -> [SearchedText] {
    do throws(ProtobufError) {
      return try kind.searchedTexts.texts(in: record.body, language: match.language)
    } catch {
      throw Kind.unreadable(error)
    }
  }
}

/// The records that satisfy a query, as they were read when it was asked of them: whoever puts them in order need not take
/// their texts apart again.
private final class ReadRecords: Sendable {
  private let records = Mutex<[Key: ReadRecord]>([:])

  func keep(_ record: ReadRecord) {
    records.withLock { $0[record.key] = record }
  }

  /// A record as it was kept, which it no longer is then; it is read if it was not.
  func take(
    _ record: StoredRecord, _ kinds: KindCatalog, _ match: SearchMatch
  ) throws(DomainError) -> ReadRecord {
    let kept = records.withLock { $0.removeValue(forKey: record.key) }
    if let kept, kept.revision == record.revision { return kept }
    return try ReadRecord(record, kinds, match)
  }
}

/// How results are shown.
private struct ResultPresentation {
  let match: SearchMatch
  let snippetLength: Int

  /// A record as it is shown; nil if it cannot be decoded: reading it by name tells why.
  func result(_ record: ReadRecord, score: Double) -> SearchResult? {
    guard let texts = try? record.texts(for: match), let content = try? record.kind.decode(record.stored) else {
      return nil
    }
    let matching = texts.map(SearchMatch.ReadText.init).filter { !match.places(in: $0).isEmpty }
    let ordered = matching.filter(\.text.isTitle) + matching.filter { !$0.text.isTitle }
    return .with {
      $0.name = record.key.name
      $0.resourceType = record.kind.resourceType
      $0.title = record.kind.title(of: content, in: match.language)
      $0.score = score
      $0.matches = ordered.prefix(Registry.matchCountMax).map { text in
        let snippet = match.snippet(of: text, lengthMax: snippetLength)
        return .with {
          $0.fieldPath = record.kind.path(of: text.text)
          $0.languageCode = text.text.language
          $0.snippet = snippet.text
          $0.ranges = snippet.ranges.map { range in
            .with { ($0.start, $0.end) = (Int32(range.lowerBound), Int32(range.upperBound)) }
          }
        }
      }
    }
  }
}

extension SearchResult {
  /// About how many bytes it has on the wire.
  fileprivate var byteCountAbout: Int {
    matches.reduce(64 + name.utf8.count + resourceType.utf8.count + title.utf8.count) { count, match in
      count + 32 + match.fieldPath.utf8.count + match.snippet.utf8.count + 8 * match.ranges.count
    }
  }
}

extension Kind {
  /// What a record is called: by its title, symbol or label, a person by its names; empty if by nothing of these.
  fileprivate func title(of record: any ProtobufMessage, in language: LanguageTag?) -> String {
    func value(_ name: String) -> FieldValue? {
      message.descriptor.field(named: name).flatMap { record.value(ofField: $0.number) }
    }
    for name in ["title", "pref_label"] {
      guard case .message(let text as LocalizedText)? = value(name) else { continue }
      let wanted = language.flatMap { language in text.values.keys.filter(language.includes).min() }
      let chosen = wanted ?? (text.originalLanguage.isEmpty ? text.values.keys.min() : text.originalLanguage)
      if let chosen, let words = text.values[chosen] { return words }
    }
    let words = ["title", "symbol", "given_name", "family_name"].compactMap { name -> String? in
      if case .string(let words)? = value(name), !words.isEmpty { words } else { nil }
    }
    return words.joined(separator: " ")
  }
}
