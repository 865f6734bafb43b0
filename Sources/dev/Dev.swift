internal import ArgumentParser

/// Every command a contributor needs; CI runs the same ones.
@main
struct Dev: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev",
    abstract: "Every command a contributor to Plenary needs. CI runs the same ones.",
    discussion: """
      Run it from anywhere inside the checkout:

        swift run dev quickstart        see the registry work, from nothing
        swift run dev check             before each commit
        swift run dev test --filter HTTP2
      """,
    subcommands: [
      Quickstart.self, Bootstrap.self, Check.self, Format.self, Lint.self, Generate.self, Test.self, Bench.self,
    ])
}
