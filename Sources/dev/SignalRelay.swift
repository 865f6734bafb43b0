internal import Dispatch
internal import Foundation

/// Sends the signals that would end `dev` on to one running child, whose end then ends the command.
///
/// The signals stay ignored once a relay has run: children get the default action back from `env --default-signal`, and
/// between two children `dev` does nothing that lasts.
struct SignalRelay {
  private let sources: [any DispatchSourceSignal]

  init(to child: pid_t) {
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      // A dispatch source sees only signals without an action of their own.
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { kill(child, number) }
      source.resume()
      return source
    }
  }

  func stop() {
    for source in sources { source.cancel() }
  }
}
