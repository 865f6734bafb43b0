internal import ArgumentParser
internal import PlenaryClient

/// `plenary watch`: what changes, as it happens.
struct Watch: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Shows what changes in the registry, as it happens.",
    discussion: """
      Examples:

        plenary watch all
        plenary watch dialogues --filter 'state = SCHEDULED'
        plenary watch dialogues panels --snapshot --output json
        plenary watch all --from 2018-11-01 --until-now
        plenary watch all --from REVISION --exec './notify.sh'

      It goes on over breaks of the connection and restarts of the daemon, and loses nothing; Ctrl-C ends it and says where to \
      go on. A record that is deleted, out of sight or no longer selected by the filter is shown as removed.

      With --output json each message is a line, as the API has it; its `revision`, where it has one, can be given to --from. \
      With --exec the command is run by the shell for each change, one after the other, with the change as JSON in its \
      input; if it fails, so does this with its exit code.
      """)

  @Argument(help: ArgumentHelp("The kinds to watch, such as dialogues; all for all of them.", valueName: "kind"))
  var kinds: [String]

  @Option(help: "Which of their records to watch.")
  var filter = ""

  // The token of a revision can begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin then and not now: \(Moment.help), or 'beginning'.", valueName: "revision|time"))
  var from: Moment?

  @Flag(help: "Begin with all records as they are now.")
  var snapshot = false

  @Flag(help: "Stop when all that has happened was shown.")
  var untilNow = false

  @Flag(help: "With json, yaml and --exec: add the version before each change.")
  var before = false

  @Option(help: ArgumentHelp("Run a command for each change.", valueName: "command"))
  var exec: String?

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if snapshot, from != nil { throw ValidationError("--snapshot and --from exclude each other.") }
    if kinds.contains("all"), kinds.count > 1 { throw ValidationError("'all' stands alone.") }
  }

  func run(in session: Session) async throws {
    var request = WatchChangesRequest()
    if kinds != ["all"] {
      for word in kinds { request.resourceTypes.append(try KindCatalog.registry.kind(word).resource.type) }
    }
    request.filter = filter
    request.includeBefore = before
    request.includeChangedFields = true
    request.start = start
    if global.output == .name, exec == nil { request.readMask = ProtobufFieldMask(paths: ["name"]) }
    let watched = request
    let place = WatchPlace()
    let output = WatchOutput(global, exec: exec, console: session.console, environment: session.environment)
    let end = await Interruption.ends { [untilNow] in
      try await session.withRegistry(isBrief: false) { registry in
        let changes = registry.client.changes(watched, options: registry.options)
        try await Self.show(changes, on: output, place, untilNow: untilNow)
      }
    }
    if let revision = place.revision { session.console.note("go on with --from \(revision)") }
    if case .failure(let error)? = end { throw error }
  }

  private var start: WatchChangesRequest.Start? {
    if snapshot { return .snapshot(true) }
    switch from {
    case nil: return nil
    case .revision("beginning"): return .fromBeginning(true)
    case .revision(let token): return .afterRevision(token)
    case .time(let time): return .startTime(time)
    }
  }

  private static func show(
    _ changes: RegistryChanges, on output: WatchOutput, _ place: WatchPlace, untilNow: Bool
  ) async throws {
    var output = output
    for try await message in changes {
      try await output.show(message)
      // Only what was shown, and what the command has done, is behind us.
      if !message.revision.isEmpty { place.note(message.revision) }
      // It is sent when all that had happened was.
      if untilNow, message.kind == .progress { return }
    }
  }
}
