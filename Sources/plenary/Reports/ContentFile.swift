internal import Foundation

/// A file with the content of a report; `-` is the input of the program.
enum ContentFile {
  /// The most bytes of one: what a content may have, and room for being indented.
  static let byteCountMax = 256 << 20

  /// Reads its bytes.
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let title = InputFile(path: path).title
    let data: Data
    do {
      let handle = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      data = try handle.read(upToCount: byteCountMax + 1) ?? Data()
    } catch {
      throw Failure(.usage, "cannot read \(title): \(FileFailure.reason(error))", advice: "name a file that is there")
    }
    guard data.count <= byteCountMax else {
      throw Failure(.invalid, "\(title) has more than \(byteCountMax) bytes", advice: "name another file")
    }
    return Array(data)
  }
}
