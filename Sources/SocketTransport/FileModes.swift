internal import Glibc

/// Whom files of ours let in besides their owner.
package enum FileModes {
  /// What is wrong with a file that has a secret in it, and what to do; nil if nobody but its owner may read or change it.
  package static func problem(ofSecret path: String) -> String? {
    guard let mode = mode(of: path), mode & 0o077 != 0 else { return nil }
    return "can be read or changed by others than its owner, its mode is \(octal(mode)); run: chmod 600 \(path)"
  }

  /// What is wrong with a file of settings, and what to do; nil if nobody but its owner may change it.
  package static func problem(ofSettings path: String) -> String? {
    guard let mode = mode(of: path), mode & 0o022 != 0 else { return nil }
    return "can be changed by others than its owner, its mode is \(octal(mode)); run: chmod go-w \(path)"
  }

  /// The permissions of a file; nil for what is none, such as a pipe, or cannot be looked at, which whoever reads it says.
  // SAFETY: the system fills the structure that it is lent for the length of the call.
  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_mode & 0o777
  }

  private static func octal(_ mode: mode_t) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }
}

/// What a process leaves behind when it breaks down.
package enum CoreFiles {
  /// Has the system write none for this process: its memory has the secrets of callers in it.
  // SAFETY: the system reads the structure that it is lent for the length of the call.
  package static func forbid() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }
}
