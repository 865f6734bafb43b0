internal import ArgumentParser
internal import Foundation
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

  @Option(help: ArgumentHelp("From which level on to log.", valueName: "level"))
  var logLevel = LogLevel.info

  func run() async throws {
    var logger = Logger(label: "plenaryd") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = logLevel.level
    // What the lifecycle itself does is of no interest unless it goes wrong.
    var lifecycleLogger = logger
    lifecycleLogger.logLevel = max(logLevel.level, .warning)
    let service = DaemonService(configuration: try options.configuration(), logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: lifecycleLogger))
    try await group.run()
  }
}

/// The levels of the log, least severe first.
enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
  case trace, debug, info, notice, warning, error, critical

  var level: Logger.Level {
    switch self {
    case .trace: .trace
    case .debug: .debug
    case .info: .info
    case .notice: .notice
    case .warning: .warning
    case .error: .error
    case .critical: .critical
    }
  }
}

/// The daemon as the lifecycle knows it: runs until it is told to stop, or its store fails.
private struct DaemonService: Service {
  let configuration: DaemonConfiguration
  let logger: Logger

  func run() async throws {
    let daemon = try await RunningDaemon.start(configuration, logger: logger)
    do {
      try ReadyLine(daemon, configuration).print()
    } catch {
      await daemon.stop()
      throw DaemonFailure(.failed, "cannot print the ready line: \(error.localizedDescription)")
    }
    logger.info("serving", metadata: ["listen": "\(daemon.addresses.map(\.description).joined(separator: " "))"])
    // Cancelled by the signal to stop; what ends it by itself is the failure of the store.
    let failure = await cancelWhenGracefulShutdown { await daemon.storeFailure() }
    logger.info("stopping")
    await daemon.stop()
    logger.info("stopped")
    if let failure { throw failure }
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
