internal import ArgumentParser
internal import PlenaryClient

/// `plenary apply`: the registry as files describe it.
struct Apply: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Makes the registry hold the records of files, in one step or not at all.",
    discussion: """
      Examples:

        plenary apply -f themes.yaml --dry-run
        plenary apply -f registry/ -f extra.json --yes
        plenary get theme digital-evidence -o yaml | plenary apply -f -
        plenary apply -f registry/ --prune themes,organizations --filter 'annotations.managed-by="asia-team"'
        plenary apply -f dialogues/ --prune working-groups --in dialogues/asia-ict-ct-3 --filter '*' --max-deletions 2

      \(RecordFile.help)
      Of a folder, the files whose names end in .yaml, .yml or .json are read, and those of the folders in it. A record \
      that is the same already is left alone; states are changed by the verbs of the kinds, such as `plenary dialogue \
      schedule`. If one record cannot be applied, nothing is changed.

      --dry-run shows the plan and changes nothing. On a terminal the plan is shown and asked for first, unless --yes is \
      given. Where nobody can be asked, the files are applied at once, but records are only deleted with --yes.
      """)

  /// The most records of one step; the registry's own limit.
  static let recordCountMax = 1000

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: ArgumentHelp("The files, or folders of files; - is the input of the program.", valueName: "path"))
  var file: [String]

  @OptionGroup(title: "Pruning")
  var prune: PruneOptions

  @Flag(name: .shortAndLong, help: "Do not ask.")
  var yes = false

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    // What is asked for decides what is sent, and that must not differ from one time to the next.
    guard change.requestID.isEmpty || prune.prune.isEmpty || yes || change.dryRun else {
      throw ValidationError("--prune is repeated safely with --request-id only if it does not ask; give --yes.")
    }
  }

  func run(in session: Session) async throws {
    var request = ApplyResourcesRequest()
    request.prune = try prune.scope(KindCatalog.registry)
    let items = try items()
    request.records = items.map(\.record)
    try await session.withRegistry { registry in
      if change.dryRun {
        request.validateOnly = true
        return try show(ApplyPlan(try await apply(request, items, registry, session)), session)
      }
      let isAsked = try await confirm(&request, items, registry, session)
      request.requestID = change.requestID
      let plan = ApplyPlan(try await apply(request, items, registry, session))
      // Whoever was asked has seen the rest.
      if isAsked, global.output == .table { return try session.console.print([plan.counts]) }
      try show(plan, session)
    }
  }

  private func items() throws(Failure) -> [RecordFile.Item] {
    guard !file.isEmpty else { throw Failure(.usage, "there is no file to apply", advice: "give --file PATH") }
    var items: [RecordFile.Item] = []
    for file in try InputFolder.files(at: file) {
      items += try RecordFile(file).items()
      guard items.count <= Self.recordCountMax else {
        throw Failure(
          .invalid, "there are more than \(Self.recordCountMax) records, which one step takes at most",
          advice: "apply them in several, or use `plenary import`")
      }
    }
    guard !items.isEmpty else { throw Failure(.invalid, "there are no records in \(file.joined(separator: ", "))") }
    return items
  }

  /// Shows the plan and asks, where that is wanted, and says whether it did.
  ///
  /// - Throws: a `Failure` if the answer is no, or if records would be deleted and nobody can be asked.
  private func confirm(
    _ request: inout ApplyResourcesRequest, _ items: [RecordFile.Item], _ registry: Registry, _ session: Session
  ) async throws -> Bool {
    // A file that is piped in takes the place of the person.
    let question = file.contains("-") ? nil : session.console.readLine
    guard !yes, question != nil || request.prune != nil else { return false }
    var rehearsal = request
    rehearsal.validateOnly = true
    let plan = ApplyPlan(try await apply(rehearsal, items, registry, session))
    guard let question else {
      guard plan.count(.delete) == 0 else {
        throw Failure(
          .usage, "\(plan.count(.delete)) records would be deleted, and nobody can be asked",
          advice: "look at them with --dry-run, and give --yes", details: plan.names(.delete))
      }
      request.prune?.maxDeletions = 0
      return false
    }
    // What has been seen is the most that goes.
    request.prune?.maxDeletions = Int32(plan.count(.delete))
    guard plan.hasChanges else { return false }
    for line in plan.lines(width: session.console.width, session.console.side.style) { session.console.note(line) }
    session.console.note("\(plan.counts). Apply? Type yes to go on:")
    let answer = question()?.trimmingSpaces.lowercased()
    guard answer == "y" || answer == "yes" else {
      throw Failure(.other, "the answer was not yes, and nothing was changed")
    }
    return true
  }

  /// Calls the registry.
  ///
  /// - Throws: a `Failure` that tells in which file the record stands that is refused.
  private func apply(
    _ request: ApplyResourcesRequest, _ items: [RecordFile.Item], _ registry: Registry, _ session: Session
  ) async throws -> ApplyResourcesResponse {
    do {
      return try await ApplyServiceClient(registry.client.channel).applyResources(request, options: registry.options)
    } catch {
      var failure = Failure(error, server: session.server)
      if let index = error.errorInfo?.metadata["index"].flatMap({ Int($0) }), items.indices.contains(index) {
        failure.details.insert("\(items[index].place): \(items[index].record.name)", at: 0)
      }
      throw failure
    }
  }

  private func show(_ plan: ApplyPlan, _ session: Session) throws(Failure) {
    let console = session.console
    switch global.output {
    case .table:
      let note = change.dryRun ? " (dry run: nothing was changed)" : ""
      try console.print(plan.lines(width: console.width, console.output.style) + [plan.counts + note])
    case .json, .yaml: try session.answer(plan.json(dryRun: change.dryRun))
    case .name: try console.print(plan.changedNames)
    }
  }
}

/// Which records are deleted if the files leave them out.
struct PruneOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Delete records of these kinds, joined by commas, that the files leave out; --filter says which.",
      valueName: "kinds"))
  var prune: [String] = []

  @Option(help: "Which records are deleted if the files leave them out; '*' for all of the kinds.")
  var filter: String?

  @Option(
    name: .customLong("in"), help: ArgumentHelp("The record in which they lie. Default: any.", valueName: "parent"))
  var parent: String?

  @Option(
    help: ArgumentHelp(
      "The most records to delete; if there are more, nothing is changed. Default: 10.", valueName: "count"))
  var maxDeletions: Int32?

  func validate() throws {
    if prune.isEmpty, filter != nil || parent != nil || maxDeletions != nil {
      throw ValidationError("--filter, --in and --max-deletions say what --prune deletes; give --prune.")
    }
    if !prune.isEmpty, filter == nil {
      throw ValidationError("--prune deletes what --filter selects; give --filter, or --filter '*' for all.")
    }
    if let maxDeletions, !(0...1000).contains(maxDeletions) {
      throw ValidationError("--max-deletions must be from 0 to 1000.")
    }
  }

  /// The scope for the registry, nil if nothing is deleted.
  ///
  /// - Throws: a `Failure` if a kind is not known or the parent is none.
  func scope(_ catalog: KindCatalog) throws(Failure) -> ApplyResourcesRequest.Prune? {
    guard !prune.isEmpty else { return nil }
    var kinds: [Kind] = []
    for word in prune.flatMap({ $0.split(separator: ",") }) { kinds.append(try catalog.kind(word.trimmingSpaces)) }
    guard let first = kinds.first else { throw Failure(.usage, "--prune names no kind") }
    var scope = ApplyResourcesRequest.Prune()
    scope.resourceTypes = kinds.map(\.resource.type)
    if let parent, parent != "-" { scope.parent = try catalog.parent(parent, of: first) }
    scope.filter = filter ?? ""
    scope.maxDeletions = maxDeletions
    return scope
  }
}
