internal import Foundation

@testable internal import dev

/// The checkout as the rules see it, read once for all of them.
struct SourceTree: Sendable {
  struct TextFile: Sendable {
    var path: String
    var bytes: [UInt8]
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  let root: URL
  /// Everything people and the generator wrote, as a reader of the repository meets it.
  let textFiles: [TextFile]
  /// The handwritten Swift, taken apart.
  let swift: [SwiftText]

  static let checkout = SourceTree()

  /// The handwritten Swift that ships, tests left out.
  var sources: [SwiftText] { swift.filter { !$0.isTest } }
  var tests: [SwiftText] { swift.filter(\.isTest) }
  var handwritten: [TextFile] { textFiles.filter { !Self.isGenerated($0.path) } }
  var generated: [TextFile] { textFiles.filter { Self.isGenerated($0.path) } }

  private init() {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    let checkout = Checkout(root: root)
    let folders = ["Sources", "Tests", "Protos", "Deploy", ".ci", ".githooks"]
    let paths = ["Package.swift", "README.md"] + checkout.files(under: folders)
    let files = paths.filter(Self.isText).compactMap { path in
      // README.md and the folders come one after another as the project grows.
      (try? Data(contentsOf: root.appending(path: path))).map { TextFile(path: path, bytes: Array($0)) }
    }
    self.root = root
    textFiles = files
    swift = files.filter { $0.path.hasSuffix(".swift") && $0.path != "Package.swift" && !Self.isGenerated($0.path) }
      .map { SwiftText(path: $0.path, bytes: $0.bytes) }
  }

  func text(of path: String) -> String? { textFiles.first { $0.path == path }?.text }

  /// Whether `dev generate` writes it, or a golden says what it would write.
  static func isGenerated(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return path.hasPrefix(SourceFiles.goldens)
      || parts.first == "Sources" && parts.count > 1 && SourceFiles.generatedModules.contains(String(parts[1]))
  }

  private static func isText(_ path: String) -> Bool {
    let endings = ["swift", "c", "h", "modulemap", "proto", "md", "json", "yaml", "yml", "txt", "py", "sql", "service"]
    let name = path.split(separator: "/").last ?? ""
    return !path.contains("/__pycache__/") && (!name.contains(".") || endings.contains { name.hasSuffix(".\($0)") })
  }
}
