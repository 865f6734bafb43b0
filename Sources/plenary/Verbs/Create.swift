internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary create`: a new record.
struct Create: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Creates a record.",
    discussion: """
      Examples:

        plenary create theme digital-evidence --set scheme=topics --set pref_label='Digital evidence'
        plenary create working-group wg-4 --in dialogues/asia-ict-ct-3 --set theme=digital-evidence --set ordinal=4
        plenary create partnership asia-host --set subject=series/asia-ict-ct-dialogue \\
          --set participants.0.organization=cted --set participants.0.role=HOST --set participants.0.start_date=2017-05
        plenary create dialogue asia-ict-ct-4 --file dialogue.yaml --dry-run
        plenary create follow-up --in recommendations/r1 --set note='A first draft is out' --set progress_percent=30

      \(RecordOptions.help)
      """)

  @Argument(help: "The kind, such as dialogue.")
  var kind: String

  @Argument(help: "The id of the new record, or its whole name; none for a follow-up, to which the registry gives one.")
  var id: String?

  @Option(
    name: .customLong("in"), help: ArgumentHelp("The record that it is to lie in.", valueName: "parent"))
  var parent: String?

  @OptionGroup
  var contents: RecordOptions

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind(kind)
    let (parent, id) = try kinds.newRecord(id, in: parent, of: kind)
    var edit = RecordEdit(try contents.record(of: kind), language: global.language, kinds: kinds)
    for assignment in contents.set { try edit.set(assignment) }
    let record = edit.record
    let created = try await session.withRegistry {
      try await $0.create(record, of: kind, id: id, in: parent, change.change)
    }
    try session.show(created, of: kind) { [change.sentence("created", created.name)] }
  }
}

/// What a record is to contain.
struct RecordOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The record in JSON or YAML; - is the input.", valueName: "path"))
  var file: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Sets a field. May be repeated; goes on top of --file.", valueName: "path=value"))
  var set: [String] = []

  /// How values are written, for the help of the verbs.
  static let help = """
    Values: enum values in any case, dates as 2017, 2017-05 or 2017-05-29, texts in --language or as title.values.fr, \
    names of other records or their ids; names, codes and numbers of a list joined by commas, texts by repeating \
    --set; entries of a list by their index from 0; anything also as JSON in braces.
    """

  /// The record of the file, or an empty one.
  ///
  /// - Throws: a `Failure` that says what is wrong with the file.
  func record(of kind: Kind) throws(Failure) -> any ResourceMessage {
    guard let file else { return kind.message.init() }
    return try read(kind.message, InputFile(path: file))
  }

  private func read<Message: ResourceMessage>(
    _ type: Message.Type, _ file: InputFile
  ) throws(Failure) -> any ResourceMessage {
    try file.message(type)
  }
}
