internal import Dispatch
internal import Foundation
internal import Synchronization

/// Sends the signals that would end `dev` on to its running children, whose end then ends the command.
///
/// How a process answers signals is one thing for all of it, so there is one relay. It is made with the first child and
/// stays: children get the default action back from `env --default-signal`, and between two children `dev` does nothing
/// that lasts.
final class SignalRelay: Sendable {
  static let shared = SignalRelay()

  private let children = Mutex<Set<pid_t>>([])

  private init() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // A dispatch source sees only signals without an action of their own.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        children.withLock { for child in $0 { kill(child, number) } }
        // A source works as long as something holds it: this one holds itself.
        _ = source
      }
      source.resume()
    }
  }

  func add(_ child: pid_t) { _ = children.withLock { $0.insert(child) } }

  func remove(_ child: pid_t) { _ = children.withLock { $0.remove(child) } }
}
