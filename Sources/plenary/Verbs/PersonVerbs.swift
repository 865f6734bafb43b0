internal import ArgumentParser
internal import GoogleAPI
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary person …`: what the law asks for of the data of persons.
struct PersonVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "person", abstract: "Tells what the registry holds on a person, and erases it.",
    subcommands: [PersonReport.self, PersonErase.self])
}

/// `plenary person report`
struct PersonReport: Verb {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Shows everything that the registry holds on a person.",
    discussion: """
      Examples:

        plenary person report persons/p-17
        plenary person report p-17 --text 'Amina Diallo' --text 'أمينة ديالو' --output json

      It is the record, each of its versions with who wrote it and why, every record that refers to it or has done so, and \
      what the audit and the access log of this daemon have about it. --text looks for words in the texts of other records \
      too. It takes an OFFICER.
      """)

  @Argument(help: "The person.")
  var name: String

  @OptionGroup
  var sought: SoughtTexts

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let name = try PersonName.name(name)
    let items = try await session.withRegistry(isBrief: false) { registry in
      let request = ReportPersonDataRequest.with { ($0.name, $0.texts) = (name, sought.text) }
      var items: [ReportPersonDataResponse] = []
      let stream = try PersonServiceClient(registry.client.channel).reportPersonData(
        request, options: registry.options)
      for try await item in stream { items.append(item) }
      return items
    }
    switch global.output {
    case .table: try session.console.print(lines(items, session))
    case .json, .yaml:
      var values: [JSONValue] = []
      for item in items { values.append(try .message(item)) }
      try session.answer(.array(values))
    case .name: try session.console.print(Self.names(items))
    }
  }

  /// The records that have to do with the person, the person first.
  private static func names(_ items: [ReportPersonDataResponse]) -> [String] {
    var names: [String] = []
    for item in items {
      let name: String? =
        switch item.item {
        case .person(let person): person.name
        case .reference(let reference): reference.resource
        case .mention(let mention): mention.resource
        default: nil
        }
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func lines(_ items: [ReportPersonDataResponse], _ session: Session) throws -> [String] {
    let style = session.console.output.style
    var table = Table(
      [
        .init(title: "WHAT"), .init(title: "WHERE", isFixed: true), .init(title: "SINCE", isFixed: true),
        .init(title: "UNTIL", isFixed: true), .init(title: "DETAILS"),
      ], style: style)
    var head: [String] = []
    var tail: [String] = []
    for item in items {
      switch item.item {
      case .person(let person): head = try PersonText.lines(of: person)
      case .version(let version): table.add(PersonText.cells(of: version))
      case .reference(let reference):
        table.add([
          reference.current ? "refers to it" : "referred to it", reference.resource, reference.startRevision,
          reference.endRevision, reference.fieldPath,
        ])
      case .mention(let mention):
        table.add(["has the words", mention.resource, "", "", PersonText.words(mention, sought.text)])
      case .auditEntry(let entry): table.add(PersonText.cells(of: entry))
      case .accessEntry(let entry): table.add(PersonText.cells(of: entry))
      case .summary(let summary): tail = [PersonText.sentence(summary)]
      case nil: continue
      }
    }
    return head + [""] + table.lines(table.layout(width: session.console.width), head: style) + [""] + tail
  }
}

/// `plenary person erase`
struct PersonErase: Verb {
  static let configuration = CommandConfiguration(
    commandName: "erase", abstract: "Erases what is said of a person, in all versions and files.",
    discussion: """
      Examples:

        plenary person erase persons/p-17 --reason 'asked for on 3 May' --dry-run
        plenary person erase p-17 --reason 'asked for on 3 May' --text 'Amina Diallo' --yes

      The record stays and says that it was erased, and what refers to it goes on to. The reason stays for good, so it \
      names nobody. --text looks for words in the texts of other records, which stay as they are: correct them there. \
      Nothing brings back what was erased. It takes an OFFICER.
      """)

  @Argument(help: "The person.")
  var name: String

  @Option(help: "Why. It stays in the audit for good, so it names no persons.")
  var reason: String

  @OptionGroup
  var sought: SoughtTexts

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  @Option(
    help: ArgumentHelp(
      "Refuse the change if the record is not the version with this etag any more.", valueName: "etag"))
  var etag = ""

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kind = try KindCatalog.registry.kind("persons")
    let name = try PersonName.name(name)
    let response = try await session.withRegistry(isBrief: false) { registry in
      var request = ErasePersonRequest.with {
        ($0.name, $0.reason, $0.texts, $0.etag) = (name, reason, sought.text, etag)
        $0.validateOnly = change.dryRun
      }
      if !yes, !change.dryRun { try await confirm(request, registry, session) }
      request.requestID = change.requestID
      return try await PersonServiceClient(registry.client.channel).erasePerson(request, options: registry.options)
    }
    guard let person = response.person else { throw Failure(.other, "the daemon answered without the person") }
    if global.output != .table, global.output != .name { return try session.answer(.message(response)) }
    try session.show(person, of: kind) {
      let mentions = response.mentions.map { mention in
        "  \(mention.resource) \(PersonText.words(mention, sought.text))"
      }
      return [
        "\(change.sentence("erased", name)): \(response.erasedVersionCount) versions"
      ] + (mentions.isEmpty ? [] : ["these have the words still, and stay as they are until somebody corrects them:"])
        + mentions
    }
  }

  /// Asks whether it is meant.
  ///
  /// - Throws: a `Failure` if the answer is no, or if nobody can be asked.
  private func confirm(_ request: ErasePersonRequest, _ registry: Registry, _ session: Session) async throws {
    guard let question = session.console.readLine else {
      throw Failure(
        .usage, "what is said of \(request.name) would be erased for good, and nobody can be asked",
        advice: "look at it with --dry-run, and give --yes")
    }
    var rehearsal = request
    rehearsal.validateOnly = true
    let found = try await PersonServiceClient(registry.client.channel).erasePerson(rehearsal, options: registry.options)
    session.console.note(
      "what \(found.erasedVersionCount) versions of \(request.name) say is erased for good. Go on? Type yes:")
    let answer = question()?.trimmingSpaces.lowercased()
    guard answer == "y" || answer == "yes" else {
      throw Failure(.other, "the answer was not yes, and nothing was changed")
    }
  }
}

/// What is looked for in the texts of other records.
struct SoughtTexts: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Look for these words in the texts of all records. May be repeated.", valueName: "words"))
  var text: [String] = []
}

/// The name of a person that is given by its name or id.
private enum PersonName {
  static func name(_ text: String) throws(Failure) -> String {
    let kinds = KindCatalog.registry
    return try kinds.name(text, of: try kinds.kind("persons"))
  }
}

/// What is told of persons, for people.
private enum PersonText {
  static func lines(of person: Person) throws(Failure) -> [String] {
    if let redaction = person.redaction {
      let time = redaction.redactTime.map(PointInTime.words) ?? ""
      return ["\(person.name) was erased, \(time): \(TerminalText.oneLine(redaction.reason))"]
    }
    return try JSONValue.message(person).text.split(separator: "\n").map(String.init)
  }

  static func cells(of version: PersonRevision) -> [String] {
    let change = version.change ?? VersionChange()
    let time = version.createTime.map { PointInTime.words($0) } ?? ""
    let name = [version.snapshot?.givenName ?? "", version.snapshot?.familyName ?? ""].filter { !$0.isEmpty }
    let details = [name.joined(separator: " "), change.actor, change.reason].filter { !$0.isEmpty }
    return [
      "version, \(EnumWords.words(change.kind.description))", NamePattern.parts(of: version.name).id, time, "",
      details.joined(separator: "; "),
    ]
  }

  static func cells(of entry: AuditEntry) -> [String] {
    let digits = entry.requestDigest.prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    let request = digits.isEmpty ? "" : "request \(digits.joined())"
    let details = [entry.principal, request, entry.reason].filter { !$0.isEmpty }
    let time = entry.commitTime.map(PointInTime.words) ?? ""
    return [
      "audit, \(EnumWords.words(entry.act.description))", entry.revision, time, "", details.joined(separator: "; "),
    ]
  }

  static func cells(of entry: AccessEntry) -> [String] {
    let count = entry.count > 1 ? "\(entry.count) times" : ""
    let details = [entry.principal, entry.method, count, entry.reason].filter { !$0.isEmpty }
    let time = entry.time.map(PointInTime.words) ?? ""
    return [
      "access, \(EnumWords.words(entry.outcome.description))", "", time, "", details.joined(separator: "; "),
    ]
  }

  static func words(_ mention: PersonMention, _ texts: [String]) -> String {
    let index = Int(mention.textIndex)
    return "\(mention.fieldPath): \(texts.indices.contains(index) ? texts[index] : "")"
  }

  static func sentence(_ summary: ReportPersonDataResponse.Summary) -> String {
    "\(summary.versionCount) versions, \(summary.referenceCount) references, \(summary.mentionCount) places in texts"
      + (summary.mentionsTruncated ? ", and there are more of these" : "")
      + ", \(summary.auditEntryCount) entries of the audit"
      + (summary.auditEntriesTruncated ? ", and there are more of these" : "")
      + ", \(summary.accessEntryCount) of the access log"
      + (summary.accessEntriesTruncated ? ", and there are more of these" : "")
  }
}
