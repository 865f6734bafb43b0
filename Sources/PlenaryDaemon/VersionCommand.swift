internal import ArgumentParser

/// `plenaryd version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version of plenaryd.")

  func run() {
    print("plenaryd \(Version.current)")
  }
}
