internal import PlenaryStore
internal import PlenaryStoreSQLite

/// Why the daemon does not start, or had to end: one line that says what, where, and what to do.
package struct DaemonFailure: Error, Hashable, CustomStringConvertible {
  /// How the process ends. The numbers are for ever.
  package enum ExitStatus: Int32, Sendable {
    /// It cannot start, or not go on.
    case failed = 1
    /// The command line or the configuration is wrong.
    case usage = 2
    /// The store has failed while it was open: `EX_SOFTWARE` of sysexits.h. A supervisor should start it again.
    case storeFailed = 70
  }

  /// The line.
  package let description: String

  /// How the process ends.
  package let status: ExitStatus

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}

extension DaemonFailure {
  /// Says why the store at a place could not be opened.
  init(opening location: SQLiteStore.Configuration.Location, _ error: StoreError) {
    let place =
      switch location {
      case .directory(let path): "the data directory \(path)"
      case .memory: "the store in memory"
      }
    let line =
      switch error {
      case .locked(let process):
        "\(place) is in use by \(process.map { "process \($0)" } ?? "another process"); stop it, or give another --data"
      case .newerSchema(let found, let supported):
        "\(place) was written by a newer plenaryd: its schema is \(found), and this one reads up to \(supported); "
          + "run the newer plenaryd, or give another --data"
      case .corrupt(let reason):
        "\(place) is damaged: \(reason); restore it from a copy"
      case .full:
        "\(place) cannot be opened: no space is left on its disk; free some, and start again"
      case .readOnly:
        "\(place) cannot be written to; give the user of plenaryd the right to write there, or give another --data"
      case .unavailable(let reason, _):
        "\(place) cannot be opened: \(reason); mend that, or give another --data"
      case .occupied(let path):
        "\(path) is there already; give another place"
      case .follower(let leader):
        "\(place) is a copy that follows \(leader); give --follow \(leader), or make it a leader with `plenaryd promote`"
      case .notFollower:
        "\(place) is no copy of another registry, and is not made one without being asked; leave --follow out, give another "
          + "--data, or give the store up with --replace"
      case .differs(let revision, let reason):
        "\(place) is left as it is: revision \(revision): \(reason)"
      case .notFound, .conflict, .requestIDReused, .limitExceeded, .revisionInFuture, .revisionCompacted:
        "\(place) cannot be opened: \(error)"
      }
    self.init(.failed, line)
  }

  /// Says that the store failed while it was open.
  init(running error: StoreError) {
    let reason =
      switch error {
      case .unavailable(let reason, _), .corrupt(let reason): reason
      default: "\(error)"
      }
    self.init(
      .storeFailed, "the store has failed: \(reason); start plenaryd again, and repeat calls whose outcome is unknown")
  }
}
