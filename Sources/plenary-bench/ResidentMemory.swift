internal import Foundation

/// The memory of a process that is in RAM.
enum ResidentMemory {
  /// proc(5): `Rss` of `smaps_rollup`, in bytes.
  static func bytes(of process: pid_t) throws -> Int {
    let path = "/proc/\(process)/smaps_rollup"
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw Failure("cannot read \(path): \(error.localizedDescription)")
    }
    guard let match = text.firstMatch(of: /\nRss: +(\d+) kB\n/), let kibibytes = Int(match.1) else {
      throw Failure("\(path) has no line for Rss")
    }
    return kibibytes * 1024
  }
}
