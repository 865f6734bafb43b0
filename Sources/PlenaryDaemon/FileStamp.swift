internal import Foundation

/// By what a file is seen to be another one than before.
struct FileStamp: Hashable, Sendable {
  private let parts: [String]

  /// The file as it is now. One that is not there is another one as well.
  init(_ path: String?) {
    let attributes = path.flatMap { try? FileManager.default.attributesOfItem(atPath: $0) } ?? [:]
    let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    parts = ["\(time)", "\(attributes[.size] ?? 0)", "\(attributes[.systemFileNumber] ?? 0)"]
  }
}
