internal import ArgumentParser
internal import PlenaryClient

/// `plenary theme tree`: themes under those that are broader.
struct ThemeTree: Verb {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "Shows themes as a tree: broader ones above, narrower ones below.",
    discussion: """
      Examples:

        plenary theme tree
        plenary theme tree terrorist-use-of-ict --language fr

      A theme that is narrower than several is shown below each of them, and what is below it only once.
      """)

  @Argument(help: "A theme; only what is broader and what is narrower is shown.")
  var name: String?

  @OptionGroup
  var past: PastOptions

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let kinds = KindCatalog.registry
    let kind = try kinds.kind("themes")
    let start = try name.map { text throws(Failure) in try kinds.name(text, of: kind) }
    let themes = try await session.withRegistry(at: past.at) { registry in
      // Whether there is one is asked first, so that a wrong name gets the registry's own answer.
      if let start { _ = try await registry.get(start, of: kind, paths: ["name"]) }
      let paths = RecordTitle.paths(of: kind.descriptor) + ["broader", "notation", "state"]
      return try await registry.all(kind, ListQuery(paths: paths)).compactMap { $0 as? Theme }
    }
    let shown = start.map { Self.line(of: $0, in: themes) } ?? themes
    switch global.output {
    case .table:
      guard !shown.isEmpty else { return session.console.note("no themes") }
      let console = session.console
      try console.print(Tree.lines(forest(of: shown, start), width: console.width, style: console.output.style))
    case .json, .yaml: try session.answer(.array(nested(shown)))
    case .name: try session.console.print(shown.map(\.name))
    }
  }

  /// The theme, those that are broader and those that are narrower.
  static func line(of name: String, in themes: [Theme]) -> [Theme] {
    let broader = Dictionary(themes.map { ($0.name, $0.broader) }) { first, _ in first }
    var narrower: [String: [String]] = [:]
    for theme in themes { for above in theme.broader { narrower[above, default: []].append(theme.name) } }
    func reached(_ links: [String: [String]]) -> Set<String> {
      var reached: Set<String> = [name]
      var waiting = [name]
      while let next = waiting.popLast() {
        waiting += (links[next] ?? []).filter { reached.insert($0).inserted }
      }
      return reached
    }
    let line = reached(broader).union(reached(narrower))
    return themes.filter { line.contains($0.name) }
  }

  private func forest(of themes: [Theme], _ start: String?) -> [Tree] {
    Tree.forest(of: themes, id: \.name, above: \.broader) { theme in
      let title = RecordTitle(theme, language: global.language)?.full ?? ""
      var label = StyledText(title, theme.name == start ? .bold : .plain)
      label.addAside(theme.name)
      if theme.state == .deprecated { label.addAside("deprecated") }
      return label
    }
  }

  /// The themes as objects with a member `narrower`.
  private func nested(_ themes: [Theme]) -> [JSONValue] {
    let byName = Dictionary(themes.map { ($0.name, $0) }) { first, _ in first }
    func object(_ tree: Tree) -> JSONValue {
      let name = tree.label.parts.first?.text ?? ""
      let theme = byName[name]
      return .object([
        ("name", .string(name)),
        ("label", .string(theme.flatMap { RecordTitle($0, language: global.language) }?.text ?? "")),
        ("notation", .string(theme?.notation ?? "")), ("state", .string(theme?.state.description ?? "")),
        ("narrower", .array(tree.children.map(object))),
      ])
    }
    return Tree.forest(of: themes, id: \.name, above: \.broader) { StyledText($0.name) }.map(object)
  }
}
