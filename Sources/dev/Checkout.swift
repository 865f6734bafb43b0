internal import Foundation

/// The working copy that a command acts on.
struct Checkout {
  /// The folder of Package.swift.
  let root: URL

  /// Finds the checkout that encloses the current directory, so that commands run from any folder in it.
  static func enclosing() throws -> Checkout {
    var folder = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
    while true {
      if FileManager.default.fileExists(atPath: folder.appending(path: "Sources/dev/Dev.swift").path) {
        return Checkout(root: folder)
      }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      guard parent.path != folder.path else {
        throw Failure("no Plenary checkout encloses \(FileManager.default.currentDirectoryPath): run dev inside one")
      }
      folder = parent
    }
  }

  func path(_ relative: String) -> String { root.appending(path: relative).path }

  func exists(_ relative: String) -> Bool { FileManager.default.fileExists(atPath: path(relative)) }

  /// A program of this checkout as the last build left it.
  func product(_ name: String) -> String {
    path(".build/debug/\(name)")
  }

  /// A program of the Python environment that `bootstrap` makes.
  func python(_ name: String) -> String { path(".build/venv/bin/\(name)") }

  /// The regular files below the given folders, as paths relative to the root, sorted.
  func files(under folders: [String]) -> [String] {
    folders.flatMap { folder -> [String] in
      guard let below = FileManager.default.enumerator(atPath: path(folder)) else { return [] }
      return below.compactMap { entry in
        guard let entry = entry as? String, below.fileAttributes?[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return "\(folder)/\(entry)"
      }
    }.sorted()
  }
}
