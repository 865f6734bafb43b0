internal import Dispatch
internal import Foundation

/// What ends a test daemon, as something to wait for: a signal, the end of its standard input, the end of its parent.
struct Endings {
  /// Has an element for each.
  let events: AsyncStream<Void>

  private let signals: [any DispatchSourceSignal]
  private let parent: any DispatchSourceTimer

  /// How soon the end of the parent is noticed. It can be asked for by nobody, so it is looked at.
  private static let parentInterval = DispatchTimeInterval.milliseconds(100)

  /// Returns once the signals are caught. Until then they end the process, which has nothing to finish yet.
  init() async {
    let (events, continuation) = AsyncStream.makeStream(of: Void.self)
    self.events = events
    signals = await Self.catching([SIGTERM, SIGINT]) { continuation.yield() }
    Self.watchInput { continuation.yield() }
    let begin = getppid()
    parent = DispatchSource.makeTimerSource()
    parent.schedule(deadline: .now() + Self.parentInterval, repeating: Self.parentInterval, leeway: Self.parentInterval)
    // A process whose parent ends is given another one.
    parent.setEventHandler { if getppid() != begin { continuation.yield() } }
    parent.resume()
  }

  private static func catching(
    _ numbers: [Int32], _ handler: @escaping @Sendable () -> Void
  ) async -> [any DispatchSourceSignal] {
    var sources: [any DispatchSourceSignal] = []
    for number in numbers {
      // Not ignored meanwhile: Dispatch catches a signal some time after `resume`, and one that comes before that would
      // be dropped.
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler(handler: handler)
      await withCheckedContinuation { caught in
        source.setRegistrationHandler { caught.resume() }
        source.resume()
      }
      sources.append(source)
    }
    return sources
  }

  /// Watches a standard input that somebody holds the other end of. Files, terminals and /dev/null have no such end.
  // SAFETY: the system writes into values that live through the calls, no more than they hold.
  private static func watchInput(_ handler: @escaping @Sendable () -> Void) {
    var status = stat()
    guard unsafe fstat(0, &status) == 0 else { return }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFIFO || kind == S_IFSOCK else { return }
    // It ends with the process: whoever holds the other end may hold it longer than this runs.
    Thread.detachNewThread {
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        // What is sent says nothing.
        let count = unsafe read(0, &bytes, bytes.count)
        if count == 0 || count < 0 && errno != EINTR { return handler() }
      }
    }
  }
}
