internal import Glibc

/// How many files this process and those that it starts may have open.
// SAFETY: the system reads and writes a local value, lent for one call each.
enum OpenFiles {
  /// Raises the limit as far as it must be; throws where it may not be so high.
  static func allow(_ count: Int) throws {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { throw Failure("the limit of open files cannot be read") }
    guard limit.rlim_cur < rlim_t(count) else { return }
    guard limit.rlim_max >= rlim_t(count) else {
      throw Failure(
        "\(count) files have to be open, and \(limit.rlim_max) may be: raise `ulimit -Hn`, or ask for fewer connections"
      )
    }
    limit.rlim_cur = rlim_t(count)
    guard unsafe setrlimit(resource, &limit) == 0 else { throw Failure("the limit of open files cannot be raised") }
  }
}
