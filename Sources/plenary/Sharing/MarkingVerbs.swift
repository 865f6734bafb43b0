internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary marking …`: how far records may be shared.
struct MarkingVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "marking",
    abstract: "Shows and loosens the sharing marks of records, and looks for what is wrong with them.",
    subcommands: [MarkingShow.self, MarkingDowngrade.self, MarkingLint.self])
}

/// `plenary marking show`
struct MarkingShow: Verb {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows how far a record may be shared, and with whom.",
    discussion: """
      Examples:

        plenary marking show dialogues/asia-ict-ct-3
        plenary marking show dialogue asia-ict-ct-3 --output json
      """)

  @Argument(help: ArgumentHelp("The record: a kind and a name, or a whole name.", valueName: "record"))
  var words: [String]

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(words)
    let record = try await session.withRegistry { registry in
      try await registry.get(name, of: kind, paths: ["name", "marking", "originating_organization"])
    }
    let marking = record.marking
    switch global.output {
    case .table:
      try session.console.print(
        sheet(name, marking, record.originator).lines(width: session.console.width, style: session.console.output.style)
      )
    case .json, .yaml: try session.answer(.message(marking))
    case .name: try session.console.print([name])
    }
  }

  private func sheet(_ name: String, _ marking: Marking, _ originator: String) -> Sheet {
    var sheet = Sheet()
    sheet.add("Record", name)
    sheet.add("Label", MarkingWords.label(marking) + (marking.inherited ? ", inherited" : ""), .bold)
    sheet.add("", MarkingWords.meaning(marking.label))
    if !originator.isEmpty { sheet.add("Originator", originator) }
    for (label, names) in [
      ("Organizations", marking.organizations), ("Sharing groups", marking.sharingGroups),
      ("Recipients", marking.recipients),
    ] where !names.isEmpty {
      sheet.add(label, names.map { StyledText($0) })
    }
    if !marking.caveat.isEmpty { sheet.add("Caveat", marking.caveat) }
    return sheet
  }
}

/// `plenary marking downgrade`
struct MarkingDowngrade: Verb {
  static let configuration = CommandConfiguration(
    commandName: "downgrade", abstract: "Lets more see a record than now, for a reason.",
    discussion: """
      Examples:

        plenary marking downgrade dialogues/asia-ict-ct-3 --label TLP:GREEN --reason "the report is out" --dry-run
        plenary marking downgrade person p7 --label TLP:AMBER --organization cted --group asia-desks --reason "joint desk"

      It takes an officer of the organization that originated the record. A stricter marking takes no more than changing \
      the record: plenary update KIND NAME --set marking.label=RED --set marking.recipients.0=clients/x
      """)

  @Argument(help: ArgumentHelp("The record: a kind and a name, or a whole name.", valueName: "record"))
  var words: [String]

  @Option(help: "The label, as TLP 2.0 writes it, such as TLP:GREEN.")
  var label: String

  @Option(
    parsing: .singleValue, help: ArgumentHelp("An organization that may have it. May be repeated.", valueName: "name"))
  var organization: [String] = []

  @Option(
    parsing: .singleValue, help: ArgumentHelp("A sharing group that may have it. May be repeated.", valueName: "name"))
  var group: [String] = []

  @Option(
    parsing: .singleValue, help: ArgumentHelp("A client that may have it. May be repeated.", valueName: "name"))
  var recipient: [String] = []

  @Option(help: "What else whoever receives it has to heed.")
  var caveat = ""

  @Option(help: "Why. It stays in the audit for good, so it names no persons.")
  var reason: String

  @Option(help: "The etag of the version to change.")
  var etag = ""

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let (kind, name) = try kinds.record(words)
    let label = try MarkingWords.number(label)
    func names(_ texts: [String], _ word: String) throws -> [String] {
      let kind = try kinds.kind(word)
      return try texts.map { try kinds.name($0, of: kind) }
    }
    let request = try DowngradeMarkingRequest.with {
      $0.name = name
      $0.marking = try .with {
        $0.label = Marking.Label(rawValue: label)
        $0.organizations = try names(organization, "organizations")
        $0.sharingGroups = try names(group, "sharing-groups")
        $0.recipients = try names(recipient, "clients")
        $0.caveat = caveat
      }
      $0.reason = reason
      $0.etag = etag
      $0.requestID = change.requestID
      $0.validateOnly = change.dryRun
    }
    let answer = try await session.withRegistry { registry in
      try await MarkingServiceClient(registry.client.channel).downgradeMarking(request, options: registry.options)
    }
    guard let record = answer.resource else { throw Failure(.other, "the registry answered without the record") }
    try session.show(record, of: kind) {
      [change.sentence("marked", name) + " " + MarkingWords.label(record.marking)]
    }
  }
}

extension ResourceMessage {
  /// How far the record may be shared.
  var marking: Marking {
    guard let field = Self.descriptor.field(named: "marking"),
      case .message(let marking as Marking)? = value(ofField: field.number)
    else { return Marking() }
    return marking
  }

  /// The organization whose record it is; empty if none is named.
  var originator: String {
    guard let field = Self.descriptor.field(named: "originating_organization"),
      case .string(let name)? = value(ofField: field.number)
    else { return "" }
    return name
  }
}

extension Record {
  /// The record itself; nil if it is of no kind that this version knows.
  var resource: (any ResourceMessage)? {
    for field in Self.descriptor.fields {
      if case .message(let message as any ResourceMessage)? = value(ofField: field.number) { return message }
    }
    return nil
  }
}
