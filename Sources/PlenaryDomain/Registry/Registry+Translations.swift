package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most languages that one call names.
  package static let languageCountMax = 20

  /// The most records that one report looks at.
  package static let reportedRecordCountMax = 2000

  /// The official languages of the United Nations.
  private static let officialLanguages = ["ar", "en", "es", "fr", "ru", "zh"]

  private static let missingCountDefault = 100
  private static let missingCountMax = 1000
  private static let readCount = 500

  /// Tells which texts there are in some languages, for so many records at a time that a call is brief.
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`, `resourceTypeUnknown`, `codeUnknown`, `idInvalid`, `listTooLong`.
  package func translationStatus(
    _ request: GetTranslationStatusRequest, as caller: Caller
  ) async throws(DomainError) -> (status: TranslationStatus, revision: String) {
    let reported = try selectedKinds(request.resourceTypes, under: request.parent)
    let codes = request.languageCodes.isEmpty ? Self.officialLanguages : request.languageCodes
    var tally = TranslationTally(of: try Self.languages(codes))
    let missingCountMax = try Self.missingCount(request.pageSize)
    let description = Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)

    let revision: Revision
    if let token { revision = token.revision } else { revision = try await head() }
    var cursor: Cursor?
    if case .cursor(let place)? = token?.place { cursor = place }
    let first = cursor.flatMap { cursor in reported.kinds.firstIndex { $0.pattern.matches(cursor.key.name) } } ?? 0
    var next: Cursor?
    var recordCount = 0
    for kind in reported.kinds[first...] where next == nil {
      let query = Query(scope: reported.scope(kind), conditions: [.init(kind.membership, .equals(.unset))])
      repeat {
        let (after, count) = (cursor, min(Self.readCount, Self.reportedRecordCountMax - recordCount))
        let page = try await store.reading { store throws(StoreError) in
          try await store.list(
            query, as: caller.viewer, after: after, limit: PageLimit(records: count), at: revision)
        }
        cursor = page.next
        for record in page.records where next == nil {
          try DomainError.checkCancellation()
          recordCount += 1
          tally.add(try kind.decode(record), named: record.key.name, of: kind)
          if tally.missingCount >= missingCountMax || recordCount == Self.reportedRecordCountMax {
            next = Cursor(value: [], key: record.key)
          }
        }
      } while cursor != nil && next == nil
    }
    let status = TranslationStatus.with {
      $0.counts = tally.countsWithTexts
      $0.missing = tally.missing
      if let next {
        $0.nextPageToken = pageTokens.seal(
          PageToken(revision: revision, place: .cursor(next)), for: description, isUnlike: !caller.viewer.seesEverything
        )
      }
    }
    return (status, text(revision, for: caller))
  }

  /// The languages that a call names in `language_codes`, each once.
  static func languages(_ codes: [String]) throws(DomainError) -> [LanguageTag] {
    guard codes.count <= languageCountMax else {
      throw DomainError(
        .init(
          "language_codes", .listTooLong,
          "it has \(codes.count) entries; at most \(languageCountMax) are taken at once",
          metadata: ["max": "\(languageCountMax)"]))
    }
    var languages: [LanguageTag] = []
    for (index, code) in codes.enumerated() {
      guard let language = LanguageTag(code) else {
        throw DomainError(
          .init(
            "language_codes.\(index)", .codeUnknown,
            "`\(code.clipped)` is not \(StandardCode.language.rule)", metadata: ["value": code.clipped]))
      }
      if !languages.contains(language) { languages.append(language) }
    }
    return languages
  }

  private static func missingCount(_ size: Int32) throws(DomainError) -> Int {
    guard size >= 0 else {
      throw DomainError(
        .init(
          "page_size", .pageSizeInvalid, "it is \(size); it must not be negative, and 0 means \(missingCountDefault)",
          metadata: ["value": "\(size)"]))
    }
    return size == 0 ? missingCountDefault : min(Int(size), missingCountMax)
  }

  /// What the page tokens are bound to.
  private static func description(of request: GetTranslationStatusRequest, _ caller: Caller) -> [UInt8] {
    let words =
      ["TranslationStatus", request.parent, caller.principal, "\(request.resourceTypes.count)"]
      + request.resourceTypes + request.languageCodes
    return words.flatMap { Array($0.utf8) + [0] }
  }
}
