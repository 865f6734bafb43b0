internal import ArgumentParser

/// `plenary theme …`: what can be done with themes alone.
struct ThemeVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theme", abstract: "Shows the vocabulary of themes.", subcommands: [ThemeTree.self])
}
