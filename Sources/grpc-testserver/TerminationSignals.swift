import Dispatch
import Glibc

/// SIGTERM and SIGINT, as something to wait for. Made before the ready line, so that a signal behind it is never lost.
struct TerminationSignals {
  private let sources: [any DispatchSourceSignal]
  private let signals: AsyncStream<Void>

  /// Returns once the signals are caught. Until then they end the process, which has nothing to finish yet.
  init() async {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGTERM, SIGINT] {
      // Not ignored meanwhile, as is usual: Dispatch catches a signal some time after `resume`, and one that comes
      // before that would be dropped.
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      await withCheckedContinuation { caught in
        source.setRegistrationHandler { caught.resume() }
        source.resume()
      }
      sources.append(source)
    }
    self.sources = sources
    self.signals = signals
  }

  /// Returns at the first signal.
  func wait() async {
    for await _ in signals { return }
  }
}
