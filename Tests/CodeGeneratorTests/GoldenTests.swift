import Foundation
import Testing

@testable import dev

/// What the tool chain makes of the protos next to this file: protoc with our plugin, and protoc-c behind our rewrite.
@Suite struct GoldenTests {
  private let checkout = Checkout.ofTests
  private static let staging = ".build/golden"

  /// `UPDATE_GOLDEN=1 swift test --filter CodeGenerator` rewrites them, as `swift run dev generate` does; the diff tells
  /// what changed for everyone who uses generated code.
  @Test func `the tool chain writes the goldens, byte for byte`() throws {
    let module = GeneratedModule.golden(in: checkout)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Generate.run(for: [module], staging: Self.staging, in: checkout, products: Checkout.testProducts)
    } else {
      try Generate.stage([module], in: Self.staging, of: checkout, products: Checkout.testProducts)
    }
    let made = try contents(of: Self.staging)
    let goldens = try contents(of: SourceFiles.goldens)
    #expect(Set(made.keys) == Set(goldens.keys))
    for (name, golden) in goldens.sorted(by: { $0.key < $1.key }) {
      #expect(made[name] == golden, "\(name): \(Self.firstDifference(made[name], golden))")
    }
  }

  /// The files of the module's targets, by their path below `folder`.
  private func contents(of folder: String) throws -> [String: Data] {
    let targets = GeneratedModule.golden(in: checkout).targets.map { "\(folder)/\($0)" }
    return try Dictionary(
      uniqueKeysWithValues: checkout.files(under: targets).map { path in
        (String(path.dropFirst(folder.count + 1)), try Data(contentsOf: checkout.root.appending(path: path)))
      })
  }

  private static func firstDifference(_ made: Data?, _ golden: Data) -> String {
    func lines(_ data: Data) -> [Substring] {
      String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
    guard let made = made.map(lines) else { return "is not written" }
    let wanted = lines(golden)
    let line = zip(made, wanted).prefix { $0 == $1 }.count
    func text(_ lines: [Substring]) -> Substring { line < lines.count ? lines[line] : "the end" }
    return "line \(line + 1) is \"\(text(made))\" where the golden has \"\(text(wanted))\""
  }
}

extension Checkout {
  /// The folder of the programs that were built with these tests: a sanitizer's build lies apart.
  static let testProducts = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path

  /// The checkout that these tests were compiled from.
  static let ofTests = Checkout(
    root: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL)
}
