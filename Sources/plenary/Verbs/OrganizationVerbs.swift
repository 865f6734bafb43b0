internal import ArgumentParser
internal import PlenaryClient

/// `plenary organization …`: what can be done with organizations alone.
struct OrganizationVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "organization", abstract: "Shows how organizations belong together.",
    subcommands: [OrganizationTree.self])
}

/// `plenary organization tree`: organizations under those that they belong to.
struct OrganizationTree: Verb {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Shows organizations as a tree: parents above, those that belong to them below.",
    discussion: """
      Examples:

        plenary organization tree
        plenary organization tree mfa-malaysia
      """)

  @Argument(help: "An organization; only what is above and below it is shown.")
  var name: String?

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("organizations")
    let start = try name.map { text throws(Failure) in try kinds.name(text, of: kind) }
    let organizations = try await session.withRegistry(at: past.at) { registry in
      // Whether there is one is asked first, so that a wrong name gets the registry's own answer.
      if let start { _ = try await registry.get(start, of: kind, paths: ["name"]) }
      let query = ListQuery(paths: RecordTitle.paths(of: kind.descriptor) + ["parent_organization"])
      return try await registry.all(kind, query).compactMap { $0 as? Organization }
    }
    let shown = start.map { Self.line(of: $0, in: organizations) } ?? organizations
    switch global.output {
    case .table:
      guard !shown.isEmpty else { return session.console.note("no organizations") }
      let console = session.console
      try console.print(Tree.lines(forest(of: shown, start), width: console.width, style: console.output.style))
    case .json, .yaml:
      try session.answer(.array(nested(shown)))
    case .name:
      try session.console.print(shown.map(\.name))
    }
  }

  /// The organization, those above it and those below it.
  private static func line(of name: String, in organizations: [Organization]) -> [Organization] {
    let byName = Dictionary(organizations.map { ($0.name, $0) }) { first, _ in first }
    var above: Set<String> = []
    var next = byName[name]
    while let organization = next, above.insert(organization.name).inserted {
      next = byName[organization.parentOrganization]
    }
    func isBelow(_ organization: Organization) -> Bool {
      var seen: Set<String> = []
      var next: Organization? = organization
      while let current = next, seen.insert(current.name).inserted {
        if current.name == name { return true }
        next = byName[current.parentOrganization]
      }
      return false
    }
    return organizations.filter { above.contains($0.name) || isBelow($0) }
  }

  private func forest(of organizations: [Organization], _ start: String?) -> [Tree] {
    Tree.forest(of: organizations, id: \.name, above: \.parentOrganization) { organization in
      let title = RecordTitle(organization, language: global.language)?.full ?? ""
      var label = StyledText(title, organization.name == start ? .bold : .plain)
      label.addAside(organization.name)
      return label
    }
  }

  /// The organizations as objects with a member `children`.
  private func nested(_ organizations: [Organization]) -> [JSONValue] {
    let byName = Dictionary(organizations.map { ($0.name, $0) }) { first, _ in first }
    func object(_ tree: Tree) -> JSONValue {
      let name = tree.label.parts.first?.text ?? ""
      let title = byName[name].flatMap { RecordTitle($0, language: global.language) }
      return .object([
        ("name", .string(name)), ("title", .string(title?.text ?? "")), ("acronym", .string(title?.short ?? "")),
        ("children", .array(tree.children.map(object))),
      ])
    }
    return Tree.forest(of: organizations, id: \.name, above: \.parentOrganization) { StyledText($0.name) }.map(object)
  }
}
