internal import ArgumentParser
internal import Logging

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

/// How an entry of the log is written.
enum LogFormat: String, CaseIterable, Sendable {
  /// For people.
  case text
  /// For programs: an object a line.
  case json
}
