internal import Foundation
internal import GRPCRuntime
internal import PlenaryDomain
package import PlenaryServices
package import PlenaryStore
package import PlenaryStoreSQLite
package import SocketTransport

/// How a daemon runs. Every limit has a default.
package struct DaemonConfiguration: Sendable {
  /// Where it listens unless it is told otherwise.
  static let defaultListen = TransportAddress.tcp(host: "127.0.0.1", port: 7443)

  /// The value of `--data` that stands for a store in memory.
  package static let memoryData = ":memory:"

  /// Where it listens.
  package var listen: [TransportAddress]

  /// Where its records are.
  package var data: SQLiteStore.Configuration.Location

  /// The database that a new store begins as; nil begins with nothing.
  package var image: [UInt8]?

  /// Where backups are made; nil for the default.
  package var backupDirectory: String?

  /// The bytes of a file that keeps some of the disk free for when it is full.
  package var ballastBytes: Int64 = 64 << 20

  /// The last changes that are kept in memory for watches, and the most bytes that they take.
  package var feedChangesMax = 65_536
  package var feedBytesMax = 64 << 20

  /// What watches may take.
  package var watches = WatchDesk.Limits()

  /// Whether it may listen where other machines reach it, although it does not ask who calls or others can listen.
  package var isInsecure = false

  /// Who may call.
  var auth = AuthSettings()

  /// How much of the access log is kept.
  package var accessLog = AccessLog.Limits()

  /// How far apart the times are of which heads of the tree are published.
  var headInterval = TransparencyDesk.headIntervalDefault

  /// Whose signed tokens it takes.
  var jwt = IssuerSettings()

  /// Whom it follows, and how.
  var follow = FollowSettings()

  /// The limits and choices of the server, but for TLS.
  var server = ServerConfiguration()

  /// Whether and how TCP speaks TLS.
  var tls = TLSSettings()

  /// How long calls under way may take once it stops.
  package var grace = Duration.seconds(10)

  /// From which level on it logs.
  var logLevel = LogLevel.info

  /// How it writes its log.
  var logFormat = LogFormat.text

  /// How long a search waits for the index to know what was written before.
  package var searchWait = SearchAccess.waitDefault

  /// The time and the chance that it lives by: unless set otherwise, those of the machine.
  package var inputs = TimeAndChance(now: { .system }, randomBytes: systemRandomBytes)

  /// A daemon at some addresses with its records at a place, otherwise with the defaults.
  package init(listen: [TransportAddress], data: SQLiteStore.Configuration.Location) {
    self.listen = listen
    self.data = data
  }
}

extension DaemonConfiguration {
  /// Where backups are made: beside the records unless another place is set. A store in memory has no such place.
  var effectiveBackupDirectory: String? {
    if let backupDirectory { return backupDirectory }
    guard case .directory(let path) = data else { return nil }
    return path + "/backups"
  }

  /// What the machine's clock says.
  static func systemTime() -> CommitTime { .system }

  /// What a daemon of this user does unless it is told otherwise.
  static func defaults(environment: [String: String]) -> DaemonConfiguration {
    DaemonConfiguration(
      listen: [defaultListen], data: .directory(defaultData(environment: environment)))
  }

  /// The place that a value of `--data` stands for.
  static func location(_ data: String) -> SQLiteStore.Configuration.Location {
    data == memoryData ? .memory : .directory(data)
  }

  /// Where the data of the user who runs the daemon are: by the XDG Base Directory Specification.
  static func defaultData(environment: [String: String]) -> String {
    // The specification: a path that is not absolute is to be ignored.
    if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/plenary" }
    return (environment["HOME"] ?? "/var/lib") + "/.local/share/plenary"
  }
}

extension CommitTime {
  /// What the machine's clock says.
  fileprivate static var system: CommitTime {
    CommitTime(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }
}

/// Random bytes of the system, eight at a time: each question to the system costs as much as a small write.
private func systemRandomBytes(_ count: Int) -> [UInt8] {
  var generator = SystemRandomNumberGenerator()
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 7)
  while bytes.count < count {
    let number = generator.next()
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
  return Array(bytes.prefix(count))
}
