internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ends our children when a signal ends us: they have process groups of their own, so Ctrl-C does not reach them.
final class SignalRelay: Sendable {
  static let shared = SignalRelay()

  private let children = Mutex<Set<pid_t>>([])

  private init() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // A dispatch source sees only signals without an action of their own.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        children.withLock { for child in $0 { kill(child, SIGTERM) } }
        // A source works as long as something holds it: this one holds itself.
        _ = source
        exit(128 + number)
      }
      source.resume()
    }
  }

  func add(_ child: pid_t) { _ = children.withLock { $0.insert(child) } }

  func remove(_ child: pid_t) { _ = children.withLock { $0.remove(child) } }
}
