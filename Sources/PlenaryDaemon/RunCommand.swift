internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import PlenaryStoreSQLite
internal import ServiceLifecycle
internal import SocketTransport
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
      """)

  @OptionGroup
  var options: DaemonOptions

  func run() async throws {
    // What the daemon makes is for its own user, also in a directory that others can look into.
    umask(0o077)
    let configuration = try options.configuration()
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
private struct DaemonService: Service {
  let configuration: DaemonConfiguration
  let options: DaemonOptions
  let levels: LogSwitch
  let logger: Logger

  func run() async throws {
    // Before the ready line, since whoever reads that may send signals at once.
    let signals = await UnixSignalsSequence(trapping: .sighup, .sigusr1)
    let daemon = try await RunningDaemon.start(configuration, logger: logger) { [levels] in levels.level <= .debug }
    do {
      try ReadyLine(daemon, configuration).print()
    } catch {
      await daemon.stop()
      throw DaemonFailure(.failed, "cannot print the ready line: \(error.localizedDescription)")
    }
    logger.info("serving", metadata: ["listen": "\(daemon.addresses.map(\.description).joined(separator: " "))"])
    let failure = await withTaskGroup { group in
      group.addTask { await obey(signals, daemon) }
      defer { group.cancelAll() }
      // Cancelled by the signal to stop; what ends it by itself is the failure of the store.
      return await cancelWhenGracefulShutdown { await daemon.storeFailure() }
    }
    logger.info("stopping")
    await daemon.stop()
    logger.info("stopped")
    if let failure { throw failure }
  }
}

extension DaemonService {
  /// Does what signals ask for while the daemon serves.
  private func obey(_ signals: UnixSignalsSequence, _ daemon: RunningDaemon) async {
    for await signal in signals {
      switch signal {
      case .sigusr1:
        // Not within the entry, which is evaluated only if it is written.
        let level = levels.toggleVerbose()
        logger.notice("log.level.changed", metadata: ["level": "\(level)"])
      default: reload(daemon)
      }
    }
  }

  /// Reads the configuration again, and takes over what can be changed while it serves.
  private func reload(_ daemon: RunningDaemon) {
    do {
      let configuration = try options.configuration()
      try daemon.reloadTLS()
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
