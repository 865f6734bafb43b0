internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary report …`: compiles outcome reports, reads what came of it, and takes them to publication.
struct ReportVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Compiles outcome reports, shows and verifies their content, and takes them to publication.",
    subcommands: [
      ReportCompile.self, ReportGaps.self, ReportShow.self, ReportRender.self, StateVerb<Submit>.self,
      StateVerb<Return>.self,
      StateVerb<Approve>.self, StateVerb<Publish>.self, StateVerb<Supersede>.self, ReportVerify.self,
    ])

  /// The word for the kind.
  static let kind = "outcome-report"

  /// The word for the group.
  static let group = "report"

  enum Submit: StateVerbRow {
    static let words = StateVerbWords(
      "Submit", kind, in: group, "submitted",
      "Gives a report that is compiled to those who review it; it becomes IN_REVIEW.",
      "submit asia-ict-ct-outcomes")
  }

  enum Return: StateVerbRow {
    static let words = StateVerbWords(
      "Return", kind, in: group, "returned", "Gives a report back to those who write it; it becomes COMPILED.",
      "return asia-ict-ct-outcomes --reason 'a result is missing'")
  }

  enum Approve: StateVerbRow {
    static let words = StateVerbWords(
      "Approve", kind, in: group, "approved",
      "Approves a report; it becomes APPROVED, and its content changes no more.",
      "approve asia-ict-ct-outcomes --dry-run", "approve asia-ict-ct-outcomes",
      note:
        "It is for another client than the one that has compiled it, and takes that no gap is left that is not waived.")
  }

  enum Publish: StateVerbRow {
    static let words = StateVerbWords(
      "Publish", kind, in: group, "published", "Publishes a report that is approved; it becomes PUBLISHED.",
      "publish asia-ict-ct-outcomes")
  }

  enum Supersede: StateVerbRow {
    typealias Further = LaterReportFields
    static let words = StateVerbWords(
      "Supersede", kind, in: group, "superseded", "Puts a later report in its place; it becomes SUPERSEDED for good.",
      "supersede asia-ict-ct-outcomes --successor asia-ict-ct-outcomes-2",
      note: "The later one is approved, and says in `supersedes` that it takes the place of this one.")
  }

  /// The whole name of a report.
  static func name(_ text: String) throws(Failure) -> String {
    let kinds = KindCatalog.registry
    return try kinds.name(text, of: try kinds.kind(kind))
  }
}

/// What takes the place of a report.
struct LaterReportFields: TransitionFields {
  @Option(help: ArgumentHelp("The report that takes its place.", valueName: "report"))
  var successor: String

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    [("successor", .string(try ReportVerbs.name(successor)))]
  }
}
