internal import ArgumentParser
internal import PlenaryClient

/// `plenary explain`: what a kind or a field is, in the words of the API.
struct Explain: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Explains a kind, a field or a value: what it means, its type, who sets it and what it may be.",
    discussion: """
      Examples:

        plenary explain dialogue
        plenary explain dialogue.format
        plenary explain partnership.participants.role --output json

      It asks no daemon: the words are those of the API's protos.
      """)

  @Argument(help: ArgumentHelp("A kind, with a field behind a dot, and fields of that.", valueName: "kind.field"))
  var path: String

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let explanation = try Explanation(path)
    switch global.output {
    case .table:
      try session.console.print(explanation.lines(width: session.console.width, style: session.console.output.style))
    case .json, .yaml: try session.answer(explanation.json)
    case .name: try session.console.print(explanation.parts.map(\.name))
    }
  }
}
