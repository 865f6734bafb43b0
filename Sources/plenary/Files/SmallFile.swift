internal import Foundation
internal import GRPCRuntime

/// A file of some lines, such as a key, a token or a head of the audit; `-` is the input of the program.
enum SmallFile {
  /// The most bytes of one: what a head may have with all its signatures.
  static let byteCountMax = 64 << 10

  /// Reads its text.
  static func read(_ path: String) throws(Failure) -> String {
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
    return String(decoding: data, as: UTF8.self)
  }

  /// Reads the text of one that has a secret in it, and so is nobody's business but its owner's.
  static func readSecret(_ path: String) throws(Failure) -> String {
    if path != "-", let problem = FileModes.problem(ofSecret: path) {
      throw Failure(.usage, "\(path) \(problem)")
    }
    return try read(path)
  }

  /// Looks that nothing stands where a secret is to be written, before there is one.
  static func checkIsNew(_ path: String) throws(Failure) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    throw Failure(.usage, "\(path) is there already", advice: "name a new file")
  }
}
