internal import ArgumentParser
internal import PlenaryClient

/// `plenary translate …`: what concerns texts in several languages.
struct TranslateVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate", abstract: "Shows how far the texts of the registry are translated.",
    subcommands: [TranslateStatus.self])
}

/// `plenary translate status`: which texts there are in which languages.
struct TranslateStatus: Verb {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Counts the texts of each kind and how many there are in a language, and names those that are missing.",
    discussion: """
      Examples:

        plenary translate status
        plenary translate status themes --language fr
        plenary translate status working-groups --in dialogues/asia-ict-ct-3 --language ar --output json

      Without --language it reports on the six official languages of the United Nations.
      """)

  @Argument(help: "The kind, such as themes. Default: all.")
  var kind: String?

  @Option(
    name: .customLong("in"), help: ArgumentHelp("The record that they lie in. Default: any.", valueName: "parent"))
  var parent: String?

  @Option(help: ArgumentHelp("How many of the records with missing texts to name.", valueName: "count"))
  var missing = 20

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if missing < 0 { throw ValidationError("--missing must be 0 or more.") }
  }

  func run(in session: Session) async throws {
    let request = try request()
    let (status, missingCount) = try await session.withRegistry { try await total(request, $0) }
    switch global.output {
    case .table: try session.console.print(lines(status, missingCount, session.console))
    case .json, .yaml: try session.answer(.message(status))
    case .name:
      var seen: Set<String> = []
      try session.console.print(status.missing.map(\.record).filter { seen.insert($0).inserted })
    }
  }

  private func request() throws -> GetTranslationStatusRequest {
    let kinds = KindCatalog.registry
    let kind = try kind.map { word throws(Failure) in try kinds.kind(word) }
    var request = GetTranslationStatusRequest()
    if let kind { request.resourceTypes = [kind.resource.type] }
    if let language = global.chosenLanguage { request.languageCodes = [language] }
    if let parent, parent != "-" {
      request.parent = try kind.map { kind throws(Failure) in try kinds.parent(parent, of: kind) } ?? parent
    }
    request.pageSize = Self.pageSize
    return request
  }

  /// The missing texts at which a part of the report ends: the most that the daemon allows.
  private static let pageSize: Int32 = 1000

  /// The parts of the report put together, with so many missing texts as are asked for, and the number of all.
  private func total(
    _ request: GetTranslationStatusRequest, _ registry: Registry
  ) async throws -> (status: TranslationStatus, missingCount: Int) {
    var request = request
    var total = TranslationStatus()
    var missingCount = 0
    repeat {
      let part = try await TranslationServiceClient(registry.client.channel)
        .getTranslationStatus(request, options: registry.options)
      for count in part.counts { total.add(count) }
      total.missing += part.missing.prefix(missing - total.missing.count)
      missingCount += part.missing.count
      request.pageToken = part.nextPageToken
    } while !request.pageToken.isEmpty
    return (total, missingCount)
  }

  private func lines(_ status: TranslationStatus, _ missingCount: Int, _ console: Console) -> [String] {
    let words = ["TEXTS", "TRANSLATED", "SHARE", "ORIGINAL", "OFFICIAL", "WORKING", "MACHINE"]
    var table = Table(
      [Table.Column(title: "KIND", isFixed: true), Table.Column(title: "LANGUAGE", isFixed: true)]
        + words.map { Table.Column(title: $0, alignment: .right, widthMin: $0.count) })
    for count in status.counts { table.add(cells(count)) }
    guard !status.counts.isEmpty else { return ["no texts"] }
    var lines = table.lines(width: console.width, style: console.output.style)
    guard !status.missing.isEmpty else { return lines }
    var list = Sheet()
    for texts in status.missing {
      list.add(texts.languageCode, [StyledText("\(texts.record): \(texts.fieldPaths.joined(separator: ", "))")])
    }
    lines += ["", console.output.style.bold("Missing")]
    lines += list.lines(width: console.width, style: console.output.style)
    let more = missingCount - status.missing.count
    return lines + (more > 0 ? ["and \(more) more; name them with --missing \(missingCount)"] : [])
  }

  private func cells(_ count: TranslationStatus.LanguageCount) -> [String] {
    let kind = KindCatalog.registry.kind(ofType: count.resourceType)?.nouns ?? count.resourceType
    // Rounded down, so that all is what is called all.
    let share = "\(count.translatedCount * 100 / max(1, count.textCount)) %"
    return [
      kind, count.languageCode, "\(count.textCount)", "\(count.translatedCount)", share, "\(count.originalCount)",
      "\(count.officialCount)", "\(count.workingCount)", "\(count.machineCount)",
    ]
  }
}

extension TranslationStatus {
  /// Adds what a further part counted.
  fileprivate mutating func add(_ count: LanguageCount) {
    guard
      let index = counts.firstIndex(where: {
        $0.resourceType == count.resourceType && $0.languageCode == count.languageCode
      })
    else { return counts.append(count) }
    counts[index].textCount += count.textCount
    counts[index].translatedCount += count.translatedCount
    counts[index].originalCount += count.originalCount
    counts[index].officialCount += count.officialCount
    counts[index].workingCount += count.workingCount
    counts[index].machineCount += count.machineCount
  }
}
