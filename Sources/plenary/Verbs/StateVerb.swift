internal import ArgumentParser
internal import GoogleAPI
internal import PlenaryClient
internal import ProtobufRuntime

/// What the CLI says of one way from state to state, such as `plenary dialogue schedule`. It is a row of the table in
/// StateVerbs.swift; everything else is the same for all of them.
protocol StateVerbRow: SendableMetatype {
  /// The options that its method has besides those of all.
  associatedtype Further: TransitionFields = NoTransitionFields

  /// The words.
  static var words: StateVerbWords { get }
}

/// The words of a state verb.
struct StateVerbWords: Sendable {
  /// What is done, as it stands in the name of the method: `Schedule`.
  let verb: String
  /// The word for the kind.
  let kind: String
  /// The verb group that it stands in.
  let group: String
  /// What is then said to have been done: `scheduled`.
  let participle: String
  let abstract: String
  let examples: [String]
  let note: String

  /// The word of the command line: `accept-partially`.
  var command: String { Kind.kebab(verb.prefix(1).lowercased() + verb.dropFirst()) }

  init(
    _ verb: String, _ kind: String, in group: String? = nil, _ participle: String, _ abstract: String,
    _ examples: String..., note: String = ""
  ) {
    self.verb = verb
    self.kind = kind
    self.group = group ?? kind
    self.participle = participle
    self.abstract = abstract
    self.examples = examples
    self.note = note
  }
}

/// A verb that moves a record from one state to another.
struct StateVerb<Row: StateVerbRow>: Verb {
  static var configuration: CommandConfiguration {
    let words = Row.words
    let examples = words.examples.map { "  plenary \(words.group) \($0)" }.joined(separator: "\n")
    return CommandConfiguration(
      commandName: words.command, abstract: words.abstract,
      discussion: "Examples:\n\n\(examples)" + (words.note.isEmpty ? "" : "\n\n\(words.note)"))
  }

  @Argument(help: "The name of the record, whole or its ids alone.")
  var name: String

  @Option(help: "The etag of the version to change.")
  var etag = ""

  @Option(help: "Why. It stays in the audit for good, so it names no persons.")
  var reason = ""

  @OptionGroup
  var further: Row.Further

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let words = Row.words
    let kind = try kinds.kind(words.kind)
    let name = try kinds.name(name, of: kind)
    let step = Step(
      verb: words.verb, etag: etag, reason: reason, fields: try further.values(kinds), change: change.change)
    let moved = try await session.withRegistry { try await $0.move(name, of: kind, step) }
    try session.show(moved, of: kind) { [change.sentence(words.participle, moved.name)] }
  }
}

// MARK: Options of some verbs

/// Options that become fields of the request by their names.
protocol TransitionFields: ParsableArguments {
  /// The fields that are given.
  ///
  /// - Throws: a `Failure` that says what is wrong with an option.
  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)]
}

/// No further options.
struct NoTransitionFields: TransitionFields {
  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] { [] }
}

/// The day that counts as today.
struct DayFields: TransitionFields {
  @Option(help: ArgumentHelp("The day that counts as today. Default: today in --time-zone.", valueName: "date"))
  var asOf: String?

  @Option(help: ArgumentHelp("The zone whose today counts, such as Asia/Bangkok. Default: UTC.", valueName: "zone"))
  var timeZone: String?

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    var values: [(field: String, value: FieldValue)] = []
    if let asOf {
      guard let date = CivilDate(asOf), date.day > 0 else {
        throw Failure(.usage, "'\(asOf)' is no date", advice: "write --as-of as 2018-11-08")
      }
      values.append(("as_of", .message(date.message)))
    }
    if let timeZone { values.append(("time_zone", .string(timeZone))) }
    return values
  }
}

/// Whether the past is entered.
struct PastFields: TransitionFields {
  @Flag(help: "Enter what is past: ask only what the past can answer.")
  var record = false

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    record ? [("record", .bool(true))] : []
  }
}

/// Both.
struct DayAndPastFields: TransitionFields {
  @OptionGroup
  var day: DayFields

  @OptionGroup
  var past: PastFields

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    try day.values(kinds) + past.values(kinds)
  }
}

/// What takes the place of a theme.
struct ReplacementFields: TransitionFields {
  @Option(help: ArgumentHelp("The theme to use instead.", valueName: "theme"))
  var replacedBy: String?

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    guard let replacedBy else { return [] }
    return [("replaced_by", .string(try kinds.name(replacedBy, of: try kinds.kind("theme"))))]
  }
}

// MARK: The call

/// A step from one state to another.
struct Step: Sendable {
  /// What is done, as it stands in the name of the method.
  let verb: String
  let etag: String
  let reason: String
  /// Further fields of the request.
  let fields: [(field: String, value: FieldValue)]
  let change: Change
}

extension Registry {
  /// Moves a record to another state.
  func move(_ name: String, of kind: Kind, _ step: Step) async throws -> any ResourceMessage {
    guard let method = kind.service.transitions.first(where: { $0.verb == step.verb }) else {
      preconditionFailure("\(kind.nouns) have no method \(step.verb)")
    }
    return try await move(name, by: method, step)
  }

  private func move<Method: TransitionMethod>(
    _ name: String, by method: Method, _ step: Step
  ) async throws -> any ResourceMessage {
    var request = Method.Request.with {
      $0.name = name
      $0.etag = step.etag
      $0.reason = step.reason
      $0.requestID = step.change.requestID
      $0.validateOnly = step.change.isRehearsal
    }
    for (name, value) in step.fields {
      guard let field = Method.Request.descriptor.field(named: name) else {
        preconditionFailure("\(Method.Request.descriptor.fullName) has no field \(name)")
      }
      try request.setValue(value, ofField: field.number)
    }
    return try await client.channel.unary(method.descriptor, request, options: options)
  }
}
