internal import ArgumentParser
internal import GoogleAPI
internal import ProtobufRuntime

/// A state of the registry that has passed: by a revision, or by a time.
enum Moment: ExpressibleByArgument, Equatable, Sendable {
  /// The state at a revision, by its token.
  case revision(String)
  /// The state at a time.
  case time(ProtobufTimestamp)

  /// What an option says of itself.
  static let help =
    "a revision, a date such as 2018-11-08 (its first moment in UTC), or a time such as 2018-11-08T09:30:00Z"

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self = Self.time(of: argument).map { .time($0) } ?? .revision(argument)
  }

  /// The time that a text is, as `2018-11-08`, as RFC 3339 has it, or as the CLI prints it; nil if it is none.
  private static func time(of text: String) -> ProtobufTimestamp? {
    // Tokens of revisions are long and hold neither colons nor spaces.
    let isDay = text.utf8.count == 10
    guard isDay || text.contains(":") else { return nil }
    let full = isDay ? text + "T00:00:00Z" : text.replacing(" UTC", with: "Z").replacing(" ", with: "T")
    guard !full.contains("\""), !full.contains("\\") else { return nil }
    // What is no time is taken for a revision, and the registry says what is wrong with it.
    return try? ProtoJSON.decode(ProtobufTimestamp.self, from: Array("\"\(full)\"".utf8))
  }

  /// The token of the revision; empty for a time.
  var revision: String { if case .revision(let token) = self { token } else { "" } }

  /// The time; nil for a revision.
  var time: ProtobufTimestamp? { if case .time(let time) = self { time } else { nil } }
}

extension ReadRequestMessage {
  /// Asks for a state that has passed; nil asks for the present one.
  mutating func read(at moment: Moment?) {
    revision = moment?.revision ?? ""
    readTime = moment?.time.map { Time(seconds: $0.seconds, nanos: $0.nanos) }
  }
}

/// The option of the verbs that can show what was.
struct PastOptions: ParsableArguments {
  // The token of a revision can begin with a hyphen.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Show what stood in the registry then: \(Moment.help).", valueName: "revision|time"))
  var at: Moment?
}
