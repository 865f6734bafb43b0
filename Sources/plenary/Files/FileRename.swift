internal import Foundation
internal import Glibc

/// Puts one file in the place of another in one step, so that whoever looks sees the old one or the new one whole.
enum FileRename {
  /// Gives a file another path; what stood there is gone.
  ///
  /// - Throws: the system's reason.
  static func move(_ file: URL, to target: URL) throws {
    // SAFETY: rename(2) reads two strings that end with a zero, which the compiler makes and keeps for the call.
    guard unsafe rename(file.path, target.path) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }
}
