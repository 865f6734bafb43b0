internal import Logging
internal import Synchronization

/// The level of a running daemon's log, which signals and a new configuration change.
final class LogSwitch: Sendable {
  private struct State {
    var configured: Logger.Level
    var isVerbose = false

    var level: Logger.Level { isVerbose ? min(configured, .debug) : configured }
  }

  private let state: Mutex<State>

  init(_ level: LogLevel) {
    state = Mutex(State(configured: level.level))
  }

  /// The level from which on entries are written.
  var level: Logger.Level { state.withLock { $0.level } }

  /// Takes over the level of a new configuration.
  func configure(_ level: LogLevel) {
    state.withLock { $0.configured = level.level }
  }

  /// Begins or ends to log from `debug` on; returns the level from now on.
  func toggleVerbose() -> Logger.Level {
    state.withLock { state in
      state.isVerbose.toggle()
      return state.level
    }
  }
}
