internal import ArgumentParser

/// `plenary version`: which program this is.
struct Version: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Prints the version of this program.",
    discussion: """
      Example:

        plenary version --output json

      The version of the daemon is in `plenary status`.
      """)

  /// The version of the program.
  static let number = "0.1.0"
  /// The package of the API that it speaks.
  static let api = "plenary.v1"

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    switch global.output {
    case .table: try session.console.print(["plenary \(Self.number) (API \(Self.api))"])
    case .name: try session.console.print([Self.number])
    case .json, .yaml:
      try session.answer(.object([("version", .string(Self.number)), ("api", .string(Self.api))]))
    }
  }
}
