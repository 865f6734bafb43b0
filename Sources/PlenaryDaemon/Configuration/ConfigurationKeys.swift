internal import PlenaryServices
internal import PlenaryStoreSQLite
internal import SocketTransport

extension ConfigurationKey {
  /// Every key, in the order of the reference page.
  static let all: [ConfigurationKey] =
    places + auth + issuer + limits + accessLog + store + watch + follow + tls + server + calls + connections + log

  private static let places: [ConfigurationKey] = [
    ConfigurationKey(
      "listen", .list(example: "127.0.0.1:7443 or unix:/run/plenary/plenary.sock"),
      "Where to listen: HOST:PORT, :PORT (this machine alone) or unix:PATH; port 0 picks a free one.",
      read: { .list($0.listen.map(\.description)) },
      write: { configuration, value throws(ConfigurationProblem) in
        guard case .list(let texts) = value else { return }
        guard !texts.isEmpty else { throw ConfigurationProblem("listen: it is empty; name an address") }
        var addresses: [TransportAddress] = []
        for text in texts {
          do throws(TransportAddressError) {
            addresses.append(try TransportAddress(parsing: text))
          } catch {
            throw ConfigurationProblem("listen: \(error)")
          }
        }
        configuration.listen = addresses
      }),
    ConfigurationKey(
      "data", .text(example: "/var/lib/plenary"),
      "The directory of the records, which one daemon owns at a time, or `:memory:` to keep them for one run only. "
        + "By default it is `plenary` in the data directory of the user.",
      read: { configuration in
        switch configuration.data {
        case .directory(let path): .text(path)
        case .memory: .text(DaemonConfiguration.memoryData)
        }
      },
      write: { configuration, value in
        if case .text(let text) = value { configuration.data = DaemonConfiguration.location(text) }
      }),
    .flag(
      "insecure", \.isInsecure,
      "Accepts that whoever reaches an address that is not loopback can read and change everything."),
  ]

  private static let store: [ConfigurationKey] = [
    .optionalFile(
      "backup.directory", example: "/backups/plenary", \.backupDirectory,
      "Where backups are made, best on another disk. By default it is `backups` in the directory of the records; a "
        + "registry in memory has no place for them unless it is set."),
    .bytes(
      "store.ballast_bytes", 0...1 << 40, \.ballastBytes,
      "The bytes of a file that keeps some of the disk free. When the disk is full the file is given up, so that "
        + "deletions have room; until twice as much is free again, nothing is added. 0 for none."),
  ]

  private static let watch: [ConfigurationKey] = [
    .count(
      "store.feed_changes_max", 0...10_000_000, \.feedChangesMax,
      "The last changes that are kept in memory for watches. A watch that is further behind reads the store."),
    .bytes(
      "store.feed_bytes_max", 0...1 << 40, \.feedBytesMax, "The most bytes that these changes take."),
    .count(
      "watch.watchers_max", 0...1_000_000, \.watches.watchersMax,
      "Watches that may be open at once; one more ends with RESOURCE_EXHAUSTED. Each of them is also one of "
        + "`server.concurrent_handlers_max`."),
    .duration(
      "watch.stall_max", .milliseconds(100) ... .seconds(3600), \.watches.stallMax,
      "How long a watch may need to take what was sent. Behind it the watch ends with RESOURCE_EXHAUSTED, reason "
        + "WATCHER_TOO_SLOW. It is of use only where it is shorter than `server.response_stall_max`."),
  ]

  private static let log: [ConfigurationKey] = [
    ConfigurationKey(
      "log.level", .choice(LogLevel.allCases.map(\.rawValue)), isReloadable: true,
      "From which level on to log. SIGUSR1 makes a running daemon log from `debug` on, and a second one ends that.",
      read: { .text($0.logLevel.rawValue) },
      write: { configuration, value in
        if case .text(let text) = value, let level = LogLevel(rawValue: text) { configuration.logLevel = level }
      }),
    ConfigurationKey(
      "log.format", .choice(LogFormat.allCases.map(\.rawValue)),
      "How entries are written on standard error: `text` for people, `json` for programs, one object a line.",
      read: { .text($0.logFormat.rawValue) },
      write: { configuration, value in
        if case .text(let text) = value, let format = LogFormat(rawValue: text) { configuration.logFormat = format }
      }),
  ]
}
