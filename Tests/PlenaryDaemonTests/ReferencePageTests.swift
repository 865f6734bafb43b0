import Foundation
import Testing

@testable import PlenaryDaemon

/// The page that lists every key. `UPDATE_GOLDEN=1 swift test --filter ReferencePage` writes it anew.
@Suite struct ReferencePageTests {
  private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources/Plenary.docc/Configuration.md")

  @Test func `the reference page is what the keys say`() throws {
    let page = ConfigurationReference.page
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(page.utf8).write(to: Self.path)
    }
    #expect(try String(contentsOf: Self.path, encoding: .utf8) == page)
  }

  @Test func `the example file sets every key to its default`() throws {
    let example = Self.path.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Deploy/plenaryd.yaml")
    let text = ConfigurationReference.exampleFile
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: example)
    }
    #expect(try String(contentsOf: example, encoding: .utf8) == text)
  }

  @Test func `the example file changes nothing, as it is and with every comment taken away`() throws {
    let defaults = DaemonConfiguration.defaults(environment: ["HOME": "~"])
    let whole = ConfigurationReference.exampleFile.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.replacing(/#(?=[a-z_]+: )/, with: "") }.joined(separator: "\n")
    for text in [ConfigurationReference.exampleFile, whole] {
      let file = try TemporaryFile(text)
      let configuration = try ConfigurationSources(file: file.path, environment: [:], flags: [])
        .configuration(from: defaults).get()
      for key in ConfigurationKey.all { #expect(key.text(in: configuration) == key.text(in: defaults)) }
    }
    #expect(whole != ConfigurationReference.exampleFile)
  }
}
