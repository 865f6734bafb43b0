internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary update`: some fields of a record.
struct Update: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Changes fields of a record, and leaves the others as they are.",
    discussion: """
      Examples:

        plenary update dialogue asia-ict-ct-3 --set participant_count=120 --clear location.venue
        plenary update series asia-ict-ct-dialogue --set title='Dialogue Asie' --language fr
        plenary update dialogue asia-ict-ct-3 --file edited.json --mask title,summary
        plenary update theme digital-evidence --set notation=7 --etag '"0123456789abcdef"'

      \(RecordOptions.help)

      A file changes the fields that are set in it, or those of --mask. If it has an etag, or one is given with --etag, \
      the update fails when the record has changed since.
      """)

  @Argument(help: ArgumentHelp("The kind and the name of the record, or its whole name.", valueName: "kind name"))
  var record: [String]

  @OptionGroup
  var contents: RecordOptions

  @Option(help: ArgumentHelp("The fields to take from the file, joined by commas.", valueName: "paths"))
  var mask: String?

  @Option(parsing: .singleValue, help: ArgumentHelp("Clears a field. May be repeated.", valueName: "path"))
  var clear: [String] = []

  @Option(help: "The etag of the version to change.")
  var etag: String?

  @Flag(help: "Create the record if there is none.")
  var allowMissing = false

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if mask != nil, contents.file == nil { throw ValidationError("--mask says what to take from a file; give --file.") }
    if contents.file == nil, contents.set.isEmpty, clear.isEmpty {
      throw ValidationError("There is nothing to change; give --set, --clear or --file.")
    }
  }

  func run(in session: Session) async throws {
    let (kind, name) = try KindCatalog.registry.record(record)
    var edit = try edit(of: kind)
    var entersList = false
    for assignment in contents.set where try RecordEdit.leadsIntoList(assignment, in: kind.descriptor) {
      entersList = true
    }
    try await session.withRegistry { registry in
      if entersList, contents.file == nil {
        // A mask takes a list as a whole, so its other entries are those that stand, and must still be the same then.
        edit = RecordEdit(
          try await registry.get(name, of: kind), language: global.language, kinds: KindCatalog.registry)
      }
      for assignment in contents.set { try edit.set(assignment) }
      for path in clear { try edit.clear(path) }
      var changed = edit.record
      changed.name = name
      if let etag { changed.etag = etag }
      let updated = try await registry.update(
        changed, of: kind, paths: edit.mask, allowMissing: allowMissing, change.change)
      try session.show(updated, of: kind) { [change.sentence("updated", updated.name)] }
    }
  }

  private func edit(of kind: Kind) throws(Failure) -> RecordEdit {
    var edit = RecordEdit(kind.message.init(), language: global.language, kinds: KindCatalog.registry)
    if contents.file != nil {
      let paths = mask?.split(separator: ",").map(\.trimmingSpaces) ?? []
      try edit.take(try contents.record(of: kind), paths: paths)
    }
    return edit
  }
}
