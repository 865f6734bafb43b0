import Dispatch

/// Signals, as something to wait for. Made before the ready line, so that a signal behind it is never lost.
struct CaughtSignals {
  private let sources: [any DispatchSourceSignal]
  /// Their numbers, as they come.
  let numbers: AsyncStream<Int32>

  /// Returns once the signals are caught. Until then they end the process, which has nothing to finish yet.
  init(_ caught: Int32...) async {
    let (numbers, continuation) = AsyncStream.makeStream(of: Int32.self)
    var sources: [any DispatchSourceSignal] = []
    for number in caught {
      // Not ignored meanwhile, as is usual: Dispatch catches a signal some time after `resume`, and one that comes
      // before that would be dropped.
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield(number) }
      await withCheckedContinuation { caught in
        source.setRegistrationHandler { caught.resume() }
        source.resume()
      }
      sources.append(source)
    }
    self.sources = sources
    self.numbers = numbers
  }
}
