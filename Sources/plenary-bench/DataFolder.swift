internal import Foundation

/// Where a daemon that is measured has its data: a folder of one run, or one that later runs use again.
struct DataFolder {
  /// The daemon's folder.
  let data: URL

  /// Whether an earlier run has put in all that belongs there.
  let isFilled: Bool

  private let mark: URL?
  private let temporary: TemporaryFolder?

  /// A folder that goes with its run.
  static func temporary() throws -> DataFolder {
    let folder = try TemporaryFolder()
    return DataFolder(data: folder.url, isFilled: false, mark: nil, temporary: folder)
  }

  /// A folder that stays. What a run has filled only in part is removed first.
  static func kept(_ name: String, in parent: String) throws -> DataFolder {
    let data = URL(filePath: parent).appending(path: name)
    let mark = URL(filePath: parent).appending(path: "\(name).filled")
    let files = FileManager.default
    let isFilled = files.fileExists(atPath: mark.path)
    if !isFilled, files.fileExists(atPath: data.path) { try files.removeItem(at: data) }
    try files.createDirectory(at: data, withIntermediateDirectories: true)
    return DataFolder(data: data, isFilled: isFilled, mark: mark, temporary: nil)
  }

  /// Notes that all is in it.
  func markFilled() throws {
    if let mark { try Data().write(to: mark) }
  }

  /// Removes it if it belongs to the run.
  func leave() {
    temporary?.remove()
  }
}
