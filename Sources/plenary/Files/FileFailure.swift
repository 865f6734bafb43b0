internal import Foundation
internal import Glibc

/// Why a file could not be read or written, in plain words.
enum FileFailure {
  /// The reason in an error of Foundation, such as `No space left on device`: the innermost one is the system's own.
  static func reason(_ error: any Error) -> String {
    let error = error as NSError
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? any Error { return reason(underlying) }
    return error.localizedFailureReason ?? error.localizedDescription
  }

  /// Whether an error is that nobody reads what is written, as after `| head`.
  static func isClosedPipe(_ error: any Error) -> Bool {
    let error = error as NSError
    if error.domain == NSPOSIXErrorDomain { return error.code == Int(EPIPE) }
    return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(isClosedPipe) ?? false
  }
}
