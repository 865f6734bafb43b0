internal import Foundation

/// A folder for what one benchmark writes.
struct TemporaryFolder {
  let url: URL

  init() throws {
    try self.init(in: FileManager.default.temporaryDirectory.path)
  }

  /// Makes a folder in another one.
  init(in parent: String) throws {
    url = URL(filePath: parent).appending(path: "plenary-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// Writes a file and returns where it is.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }

  /// Removes the folder with all that is in it.
  func remove() {
    // What cannot be removed lies where the system cleans up by itself.
    try? FileManager.default.removeItem(at: url)
  }
}
