internal import Logging
internal import PlenaryServices
internal import PlenaryStore
internal import SocketTransport
internal import Synchronization

/// A file in which an authority says which certificates it has taken back.
struct RevocationFile: Hashable, Sendable {
  let path: String
  let authorityFile: String

  /// What it says now.
  /// - Throws: what is wrong with it, and what to do.
  func read(at now: CommitTime) throws(DaemonFailure) -> RevokedCertificates {
    do throws(TransportError) {
      return try RevokedCertificates(file: path, of: authorityFile, at: now.seconds)
    } catch {
      throw DaemonFailure(.failed, "tls.client_authorities: \(error.message)")
    }
  }
}

/// Keeps what the daemon knows of certificates that were taken back as the authorities' files say: they are looked at so
/// often that whoever is taken back is refused within a second.
///
/// A file that cannot be used is said to be so, and what it said before counts on. The same holds for one that is due to be
/// replaced.
final class RevocationWatch: Sendable {
  private static let interval = Duration.milliseconds(250)

  /// After how many seconds it is said again that a file is overdue.
  static let reminderSeconds: Int64 = 3600

  /// What was read, file by file.
  struct Lists: Sendable {
    fileprivate var kept: [Kept] = []

    /// Reads all files.
    /// - Throws: what is wrong with the first that cannot be used.
    init(_ files: [RevocationFile], at now: CommitTime) throws(DaemonFailure) {
      for file in files {
        // Before the file is read, so that nothing that is written meanwhile is missed.
        let stamp = FileStamp(file.path)
        kept.append(Kept(file: file, stamp: stamp, list: try file.read(at: now)))
      }
    }
  }

  fileprivate struct Kept: Sendable {
    let file: RevocationFile
    var stamp: FileStamp
    var list: RevokedCertificates
    /// Why the file as it is now is not used.
    var problem = ""
    /// When it was said last that it is overdue.
    var reminded: Int64?
  }

  private let callGuard: CallGuard
  private let logger: Logger
  private let now: @Sendable () -> CommitTime
  private let lists: Mutex<Lists>

  /// Has the guard refuse the certificates of these files.
  /// - Throws: what is wrong with one of them.
  init(
    _ files: [RevocationFile], _ callGuard: CallGuard, now: @escaping @Sendable () -> CommitTime, logger: Logger
  ) throws(DaemonFailure) {
    self.callGuard = callGuard
    self.logger = logger
    self.now = now
    let lists = try Lists(files, at: now())
    self.lists = Mutex(lists)
    callGuard.refuse(lists.statuses)
  }

  /// Goes on with other files, which were read before.
  func take(_ next: Lists) {
    lists.withLock { $0 = next }
    callGuard.refuse(next.statuses)
  }

  /// Looks at the files until the task is cancelled.
  func run() async {
    while true {
      do { try await Task.sleep(for: Self.interval) } catch { return }
      look()
    }
  }

  private func look() {
    let now = now()
    // Nobody else writes them but `take`, whose files are as they are now.
    let statuses = lists.withLock { lists in
      var isNews = false
      for index in lists.kept.indices {
        if lists.kept[index].readAgain(at: now, logger) { isNews = true }
        lists.kept[index].remind(at: now.seconds, logger)
      }
      return isNews ? lists.statuses : nil
    }
    if let statuses { callGuard.refuse(statuses) }
  }
}

extension RevocationWatch.Lists {
  fileprivate var statuses: [CallGuard.Revocations] {
    kept.map { CallGuard.Revocations(list: $0.list, problem: $0.problem) }
  }
}

extension RevocationWatch.Kept {
  /// Reads a file that has changed; whether there is something new to tell.
  fileprivate mutating func readAgain(at now: CommitTime, _ logger: Logger) -> Bool {
    let found = FileStamp(file.path)
    guard found != stamp else { return false }
    stamp = found
    do throws(DaemonFailure) {
      let next = try file.read(at: now)
      guard !next.isBehind(list) else {
        throw DaemonFailure(
          .failed,
          "tls.client_authorities: the revocation list file \(file.path) lacks a list that it held before or has an older "
            + "one, so what it held counts on; fetch the authority's new lists, or send SIGHUP if it is meant")
      }
      (list, problem, reminded) = (next, "", nil)
      logger.notice(
        "revocations.reloaded", metadata: ["file": "\(file.path)", "revoked": "\(next.count)"])
    } catch {
      problem = error.description
      logger.error("revocations.refused", metadata: ["error": "\(error)"])
    }
    return true
  }

  /// Says from time to time that the file should have been replaced.
  fileprivate mutating func remind(at now: Int64, _ logger: Logger) {
    guard now > list.nextUpdate else { return }
    if let reminded, now - reminded < RevocationWatch.reminderSeconds { return }
    reminded = now
    logger.error(
      "revocations.overdue",
      metadata: [
        "file": "\(file.path)",
        "advice": "the list has expired, and nobody hears of certificates that were taken back since; fetch a new one",
      ])
  }
}

extension CommitTime {
  /// Whole seconds since 1970.
  fileprivate var seconds: Int64 { microseconds / 1_000_000 }
}
