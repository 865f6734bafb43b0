internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

/// `plenary group …`: the circles of organizations with which records are shared.
struct GroupVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "Shows who is in a sharing group, and lets organizations in and out.",
    subcommands: [GroupMembers.self, GroupAdd.self, GroupRemove.self])
}

/// `plenary group members`
struct GroupMembers: Verb {
  static let configuration = CommandConfiguration(
    commandName: "members", abstract: "Shows the organizations in a sharing group, and through which groups they are.",
    discussion: """
      Examples:

        plenary group members asia-desks
        plenary group members asia-desks --output json
      """)

  @Argument(help: "The sharing group.")
  var name: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("sharing-groups")
    let name = try kinds.name(name, of: kind)
    let members = try await session.withRegistry { registry in
      var members: [(organization: String, path: [String])] = []
      var seen: Set<String> = [name]
      var open = [[name]]
      while let path = open.first {
        open.removeFirst()
        guard let group = try await registry.get(path[path.count - 1], of: kind) as? SharingGroup else { continue }
        members += group.organizations.map { ($0, path) }
        open += group.groups.filter { seen.insert($0).inserted }.map { path + [$0] }
      }
      return members
    }
    switch global.output {
    case .table:
      guard !members.isEmpty else { return session.console.note("nobody is in \(name)") }
      var table = Table([Table.Column(title: "ORGANIZATION"), Table.Column(title: "THROUGH")])
      for member in members { table.add([member.organization, member.path.joined(separator: " → ")]) }
      try session.console.print(table.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml:
      try session.answer(
        .array(
          members.map {
            .object([
              ("organization", .string($0.organization)), ("through", .array($0.path.map { .string($0) })),
            ])
          }))
    case .name: try session.console.print(members.map(\.organization))
    }
  }
}

/// `plenary group add`
struct GroupAdd: Verb {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Lets organizations or groups into a sharing group, and so to what is shared with it.",
    discussion: """
      Examples:

        plenary group add asia-desks cted
        plenary group add asia-desks organizations/cted sharingGroups/pacific-desks --dry-run
      """)

  @OptionGroup
  var members: GroupMemberOptions

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try await members.change(change, "let into", in: session) { group, kind, name in
      if kind == "organizations" {
        if !group.organizations.contains(name) { group.organizations.append(name) }
      } else if !group.groups.contains(name) {
        group.groups.append(name)
      }
    }
  }
}

/// `plenary group remove`
struct GroupRemove: Verb {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Takes organizations or groups out of a sharing group; their watches end at once.",
    discussion: """
      Examples:

        plenary group remove asia-desks cted
      """)

  @OptionGroup
  var members: GroupMemberOptions

  @OptionGroup
  var change: ChangeOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    try await members.change(change, "taken out of", in: session) { group, _, name in
      group.organizations.removeAll { $0 == name }
      group.groups.removeAll { $0 == name }
    }
  }
}

/// A group, and who is let in or out.
struct GroupMemberOptions: ParsableArguments {
  @Argument(help: "The sharing group.")
  var group: String

  @Argument(help: ArgumentHelp("Organizations, and groups by their whole names.", valueName: "members"))
  var members: [String]

  /// Changes who is in the group, from what it is now.
  func change(
    _ options: ChangeOptions, _ participle: String, in session: Session,
    _ edit: (_ group: inout SharingGroup, _ kind: String, _ name: String) -> Void
  ) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("sharing-groups")
    let name = try kinds.name(group, of: kind)
    let organizations = try kinds.kind("organizations")
    let names = try members.map { word throws(Failure) in
      if kind.pattern.matches(word) { return (kind: "sharing-groups", name: word) }
      return (kind: "organizations", name: try kinds.name(word, of: organizations))
    }
    let changed = try await session.withRegistry { registry in
      guard var group = try await registry.get(name, of: kind) as? SharingGroup else {
        throw Failure(.other, "the registry answered with another kind of record")
      }
      for member in names { edit(&group, member.kind, member.name) }
      return try await registry.update(
        group, of: kind, paths: ["organizations", "groups"], allowMissing: false, options.change)
    }
    try session.show(changed, of: kind) {
      names.map { member in
        options.dryRun
          ? "\(member.name) can be \(participle) \(name) (dry run: nothing was changed)"
          : "\(member.name) was \(participle) \(name)"
      }
    }
  }
}
