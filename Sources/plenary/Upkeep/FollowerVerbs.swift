internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary follower …`: daemons that keep a copy of another one's registry.
struct FollowerVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follower", abstract: "Shows how a daemon follows another one, and makes it take writes.",
    subcommands: [FollowerStatusVerb.self, FollowerPromote.self])
}

/// `plenary follower status`
struct FollowerStatusVerb: Verb {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows whether a daemon leads or follows, and how far behind it is.",
    discussion: """
      Examples:

        plenary follower status --server follower.example:7443
        plenary follower status --output json
      """)

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let status = try await session.withRegistry { registry in
      try await ReplicationServiceClient(registry.client.channel)
        .getReplicationStatus(GetReplicationStatusRequest(), options: registry.options)
    }
    switch global.output {
    case .table:
      var sheet = Sheet()
      sheet.add("role", EnumWords.words(status.role.description))
      sheet.add("epoch", "\(status.epoch)")
      sheet.add("revision", status.currentRevision)
      sheet.add("followers", "\(status.followerCount)")
      if let follower = status.follower { FollowerWords.add(follower, to: &sheet) }
      try session.console.print(sheet.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(.message(status))
    case .name: try session.console.print([status.follower?.leader ?? session.server])
    }
  }
}

/// `plenary follower promote`
struct FollowerPromote: Verb {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Makes a follower take writes, in a new epoch.",
    discussion: """
      Examples:

        plenary follower promote --server follower.example:7443

      Stop its leader first. Revisions and page tokens that the leader has given out are refused from then on, so that \
      nobody goes on from what is lost. Then take --follow out of the configuration of this daemon.
      """)

  @Flag(help: "Promote it although its leader still serves it; what is written there from now on is lost.")
  var force = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let answer = try await session.withRegistry { registry in
      try await ReplicationServiceClient(registry.client.channel)
        .promoteFollower(.with { $0.force = force }, options: registry.options)
    }
    switch global.output {
    case .table:
      let missing = answer.missingChangeCount
      try session.console.print([
        "promoted: epoch \(answer.epoch) begins after revision \(answer.copiedRevision)",
        missing == 0
          ? "every change that the leader had told of is here"
          : "\(missing == 1 ? "1 change" : "\(missing) changes") that the leader had told of are lost",
      ])
    case .json, .yaml: try session.answer(.message(answer))
    case .name: try session.console.print(["\(answer.epoch)"])
    }
  }
}

/// How a follower is doing, for people.
enum FollowerWords {
  static func add(_ follower: FollowerStatus, to sheet: inout Sheet) {
    sheet.add("follows", follower.leader)
    sheet.add("leader", follower.connected ? "connected" : "not heard")
    sheet.add("lag", lag(follower))
    if let time = follower.hearTime { sheet.add("last heard", PointInTime.words(time)) }
    if !follower.failure.isEmpty { sheet.add("failure", TerminalText.oneLine(follower.failure)) }
  }

  /// How far behind it is.
  static func lag(_ follower: FollowerStatus) -> String {
    let changes = follower.lagChangeCount == 1 ? "1 change" : "\(follower.lagChangeCount) changes"
    guard let lag = follower.lag else { return "\(changes); it has not been level with its leader yet" }
    if lag.seconds == 0, lag.nanos == 0 { return "none" }
    return "\(changes), \(lag.seconds).\(lag.nanos / 100_000_000) s"
  }
}
