internal import Logging
internal import PlenaryDomain
internal import PlenaryServices
internal import Synchronization

/// Keeps what the daemon knows of the issuer of tokens as its file of keys says: the file is looked at every second.
final class IssuerWatch: Sendable {
  private static let interval = Duration.seconds(1)

  private struct State {
    var settings: IssuerSettings
    var stamp: FileStamp
  }

  private let callGuard: CallGuard
  private let logger: Logger
  private let state: Mutex<State>

  /// Has the guard take the tokens of an issuer.
  /// - Throws: what is wrong with its keys.
  init(_ settings: IssuerSettings, _ callGuard: CallGuard, logger: Logger) throws(DaemonFailure) {
    self.callGuard = callGuard
    self.logger = logger
    // Before the file is read, so that nothing that is written meanwhile is missed.
    state = Mutex(State(settings: settings, stamp: FileStamp(settings.keysFile)))
    callGuard.trust(try settings.issuer())
  }

  /// Takes over other settings, and the keys as they are now.
  func reload(_ settings: IssuerSettings) throws(DaemonFailure) {
    let stamp = FileStamp(settings.keysFile)
    let issuer = try settings.issuer()
    state.withLock { $0 = State(settings: settings, stamp: stamp) }
    callGuard.trust(issuer)
  }

  /// Looks at the file until the task is cancelled.
  func run() async {
    while true {
      do { try await Task.sleep(for: Self.interval) } catch { return }
      let settings = state.withLock { state in
        let stamp = FileStamp(state.settings.keysFile)
        defer { state.stamp = stamp }
        return stamp == state.stamp ? nil : state.settings
      }
      guard let settings else { continue }
      do throws(DaemonFailure) {
        callGuard.trust(try settings.issuer())
        logger.notice("issuer.keys.reloaded")
      } catch {
        // Those that it had stay: a file that is being written is whole a second later.
        logger.error("issuer.keys.refused", metadata: ["error": "\(error)"])
      }
    }
  }
}
