internal import ArgumentParser
internal import ProtobufRuntime

/// `plenary purge`: deleted records that are to be gone for good.
struct Purge: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Removes deleted records for good; without --force it shows which.",
    discussion: """
      Examples:

        plenary purge themes --filter 'scheme = "old"'
        plenary purge dialogues --all --force
        plenary purge working-groups --in dialogues/asia-ict-ct-3 --all

      What was deleted with a record goes with it. A record that others still
      refer to cannot be removed. Nothing brings a purged record back.
      """)

  @Argument(help: "The kind, such as dialogues.")
  var kind: String

  @Option(
    name: .customLong("in"),
    help: ArgumentHelp("The record that they lie in. Default: -, which means any.", valueName: "parent"))
  var parent: String?

  @Option(help: "Which of the deleted records to remove.")
  var filter = ""

  @Flag(help: "Remove all deleted records of the kind.")
  var all = false

  @Flag(help: "Remove them, and do not only count them.")
  var force = false

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func validate() throws {
    if filter.isEmpty != all { throw ValidationError("Give either --filter or --all.") }
  }

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind(kind)
    var place = kind.pattern.anyParent
    if let parent { place = try kinds.parent(parent, of: kind) }
    let purged = try await session.withRegistry {
      try await $0.purge(kind, in: place, filter: all ? "*" : filter, force: force, change.change)
    }
    let isDone = force && !change.dryRun
    switch global.output {
    case .table:
      let noun = purged.count == 1 ? kind.noun : kind.nouns
      let rest = purged.count - purged.sample.count
      try session.console.print(
        [isDone ? "purged \(purged.count) \(noun)" : "\(purged.count) deleted \(noun) can be purged"]
          + purged.sample.map { "  " + $0 } + (rest > 0 ? ["  and \(rest) more"] : []))
      if !isDone, purged.count > 0 {
        session.console.note("nothing was changed; --force without --dry-run removes them")
      }
    case .json, .yaml:
      let members: [(name: String, value: JSONValue)] = [
        ("purged", .bool(isDone)), ("count", .number(purged.count)),
        ("sample", .array(purged.sample.map { .string($0) })),
      ]
      try session.answer(.object(members))
    case .name: try session.console.print(purged.sample)
    }
  }
}
