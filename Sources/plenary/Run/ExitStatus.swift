/// How a run ended, for scripts. The numbers are for ever.
struct ExitStatus: RawRepresentable, Hashable, Sendable {
  let rawValue: Int32

  /// All went well.
  static let ok = ExitStatus(rawValue: 0)
  /// It failed in a way that has no number of its own.
  static let other = ExitStatus(rawValue: 1)
  /// The command line is wrong.
  static let usage = ExitStatus(rawValue: 2)
  /// There is no such record, or the caller may not see it.
  static let notFound = ExitStatus(rawValue: 3)
  /// The caller may not do this.
  static let denied = ExitStatus(rawValue: 4)
  /// The name is taken, or the record has changed since it was read.
  static let conflict = ExitStatus(rawValue: 5)
  /// The state of the registry does not allow it.
  static let precondition = ExitStatus(rawValue: 6)
  /// The input is wrong.
  static let invalid = ExitStatus(rawValue: 7)
  /// The daemon cannot be reached or took too long.
  static let unavailable = ExitStatus(rawValue: 8)
  /// What was compared differs.
  static let differs = ExitStatus(rawValue: 9)
  /// Whoever read the output stopped reading, as `head` does: what a program ends with that dies of SIGPIPE.
  static let outputClosed = ExitStatus(rawValue: 141)
}
