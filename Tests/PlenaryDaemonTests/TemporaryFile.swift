import Foundation

/// A file that is gone when nobody has it any more.
final class TemporaryFile {
  let path: String

  init(bytes: [UInt8]) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "plenaryd-\(UUID().uuidString).yaml").path
    try Data(bytes).write(to: URL(filePath: path))
  }

  convenience init(_ text: String) throws {
    try self.init(bytes: Array(text.utf8))
  }

  deinit {
    // A file that is gone already is what is wanted.
    try? FileManager.default.removeItem(atPath: path)
  }
}
