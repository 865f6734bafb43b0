internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import PlenaryStoreSQLite
internal import ServiceLifecycle
internal import SocketTransport
internal import Synchronization
internal import UnixSignals

/// `plenaryd run`
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Serve until SIGTERM or SIGINT.",
    discussion: """
      When it serves, it prints one line of JSON on standard output; logs go to
      standard error. SIGTERM and SIGINT let calls under way finish, then it
      exits with 0.

      Examples:

        plenaryd run
        plenaryd run --listen 127.0.0.1:0 --data :memory: --log-level warning
        plenaryd run --follow leader.example:7443 --data /var/lib/plenary

      With --follow it keeps a copy of another daemon's registry, answers reads
      and refuses writes. `plenary follower promote` makes it take writes.
      """)

  @OptionGroup
  var options: DaemonOptions

  @Flag(help: "With --follow: give up a store in the data directory that is no copy of the leader's.")
  var replace = false

  func run() async throws {
    // What the daemon makes is for its own user, also in a directory that others can look into.
    umask(0o077)
    CoreFiles.forbid()
    var configuration = try options.configuration()
    configuration.follow.isReplacing = replace
    try configuration.check()
    let levels = LogSwitch(configuration.logLevel)
    let logger = Logger(label: "plenaryd") { _ in DaemonLogHandler(levels, configuration.logFormat) }
    // What the lifecycle itself does is of no interest unless it goes wrong.
    let lifecycleLogger = Logger(label: "lifecycle") { _ in
      DaemonLogHandler(LogSwitch(.warning), configuration.logFormat)
    }
    let service = DaemonService(configuration: configuration, options: options, levels: levels, logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: lifecycleLogger))
    try await group.run()
  }
}

/// The daemon as the lifecycle knows it: runs until it is told to stop, or its store fails.
private struct DaemonService: Service, CustomStringConvertible {
  let configuration: DaemonConfiguration
  let options: DaemonOptions
  let levels: LogSwitch
  let logger: Logger

  /// What the lifecycle calls it; without it that would be all of the configuration, printed field by field.
  var description: String { "plenaryd" }

  func run() async throws {
    // Before the ready line, since whoever reads that may send signals at once.
    let signals = await UnixSignalsSequence(trapping: .sighup, .sigusr1)
    let current = Current()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await obey(signals, current) }
      defer { group.cancelAll() }
      try await serve(current)
    }
    logger.info("stopped")
  }

  /// The daemon that serves, which a promotion or a new copy replaces.
  private final class Current: Sendable {
    let daemon = Mutex<RunningDaemon?>(nil)
  }

  /// Serves until it is told to stop. A follower that is promoted, or needs a new copy, is stopped and started again where
  /// it listens.
  private func serve(_ current: Current) async throws {
    var configuration = configuration
    var isFirst = true
    while try await prepare(&configuration) {
      let daemon = try await RunningDaemon.start(configuration, logger: logger) { [levels] in levels.level <= .debug }
      current.daemon.withLock { $0 = daemon }
      if isFirst { try await announce(daemon, configuration) }
      isFirst = false
      logger.info("serving", metadata: ["listen": "\(daemon.addresses.map(\.description).joined(separator: " "))"])
      // Cancelled by the signal to stop.
      let ending = await cancelWhenGracefulShutdown { await daemon.ending() }
      logger.info("stopping")
      current.daemon.withLock { $0 = nil }
      await daemon.stop()
      configuration.listen = daemon.addresses
      switch ending {
      case nil: return
      case .failed(let failure): throw failure
      case .promoted:
        logger.notice("follower.promoted", metadata: ["advice": "take --follow out of its configuration"])
        configuration.follow = FollowSettings()
      case .copyNeeded(let reason):
        logger.warning("follower.copy.needed", metadata: ["reason": "\(reason)"])
        configuration.follow.needsCopy = true
      }
    }
  }

  /// Sees to it that a follower has a copy; false if it is told to stop before.
  private func prepare(_ configuration: inout DaemonConfiguration) async throws -> Bool {
    let copy = FirstCopy(configuration: configuration, logger: logger)
    switch try await cancelWhenGracefulShutdown({ try await copy.ensure() }) {
    case .stopped: return false
    case .there: return true
    case .copied:
      // What was to be replaced is replaced; whatever comes next is not.
      configuration.follow.isReplacing = false
      configuration.follow.needsCopy = false
      return true
    }
  }

  private func announce(_ daemon: RunningDaemon, _ configuration: DaemonConfiguration) async throws {
    do {
      try ReadyLine(daemon, configuration).print()
    } catch {
      await daemon.stop()
      throw DaemonFailure(.failed, "cannot print the ready line: \(error.localizedDescription)")
    }
  }
}

extension DaemonService {
  /// Does what signals ask for while the daemon serves.
  private func obey(_ signals: UnixSignalsSequence, _ current: Current) async {
    for await signal in signals {
      switch signal {
      case .sigusr1:
        // Not within the entry, which is evaluated only if it is written.
        let level = levels.toggleVerbose()
        logger.notice("log.level.changed", metadata: ["level": "\(level)"])
      default: reload(current.daemon.withLock { $0 })
      }
    }
  }

  /// Reads the configuration again, and takes over what can be changed while it serves.
  private func reload(_ daemon: RunningDaemon?) {
    do {
      let configuration = try options.configuration()
      try daemon?.reload(configuration)
      levels.configure(configuration.logLevel)
      logger.notice("configuration.reloaded")
    } catch {
      logger.error("configuration.refused", metadata: ["error": "\(error)"])
    }
  }
}

/// The line of JSON that tells whoever started the daemon that it serves, and where.
private struct ReadyLine: Encodable {
  private let event = "ready"
  private let listen: String
  private let listenAll: [String]
  private let pid: Int32
  private let store: String
  private let version = Version.current

  init(_ daemon: RunningDaemon, _ configuration: DaemonConfiguration) {
    listenAll = daemon.addresses.map(\.description)
    listen = listenAll.first ?? ""
    pid = ProcessInfo.processInfo.processIdentifier
    store =
      switch configuration.data {
      case .directory(let path): path
      case .memory: DaemonConfiguration.memoryData
      }
  }

  /// At once and whole, for whoever waits for it.
  func print() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try FileHandle.standardOutput.write(contentsOf: try encoder.encode(self) + Data("\n".utf8))
  }
}
