/// How a run ended, for scripts. The numbers are for ever.
enum ExitStatus: Int32, Sendable {
  /// All went well.
  case ok = 0
  /// It failed in a way that has no number of its own.
  case other = 1
  /// The command line is wrong.
  case usage = 2
  /// There is no such record, or the caller may not see it.
  case notFound = 3
  /// The caller may not do this.
  case denied = 4
  /// The name is taken, or the record has changed since it was read.
  case conflict = 5
  /// The state of the registry does not allow it.
  case precondition = 6
  /// The input is wrong.
  case invalid = 7
  /// The daemon cannot be reached or took too long.
  case unavailable = 8
  /// What was compared differs.
  case differs = 9
  /// Whoever read the output stopped reading, as `head` does: what a program ends with that dies of SIGPIPE.
  case outputClosed = 141
}
