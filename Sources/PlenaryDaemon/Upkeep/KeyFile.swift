internal import Foundation
internal import Transparency

/// The files of keys that backups are sealed to.
enum KeyFile {
  private static let byteCountMax = 1 << 10

  /// The public half of a key.
  static func sealingKey(_ path: String) throws -> SealingKey {
    let text = try text(path)
    do throws(SealingKey.Malformed) {
      return try SealingKey(text)
    } catch {
      throw DaemonFailure(.usage, "\(path): \(error); make one with `plenary backup make-key`")
    }
  }

  /// The secret half of a key.
  static func unsealingKey(_ path: String) throws -> UnsealingKey {
    let text = try text(path)
    do throws(SealingKey.Malformed) {
      return try UnsealingKey(text)
    } catch {
      throw DaemonFailure(.usage, "\(path): \(error); name the file that `plenary backup make-key` has written")
    }
  }

  private static func text(_ path: String) throws -> String {
    // That it cannot be read is all that there is to say.
    guard let data = try? FileHandle(forReadingFrom: URL(filePath: path)).read(upToCount: byteCountMax) else {
      throw DaemonFailure(.usage, "cannot read \(path); name the file of a key")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
