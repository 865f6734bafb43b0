internal import Dispatch
internal import Glibc

/// Ctrl-C, and being asked to stop, as the good end of a run that has none by itself.
enum Interruption {
  private static let signals = [SIGINT, SIGTERM]

  /// Does something until it has ended or the program is asked to stop.
  ///
  /// Returns what became of it; nil if it was stopped. It is cancelled then, and has ended.
  static func ends(_ body: @escaping @Sendable () async throws -> Void) async -> Result<Void, any Error>? {
    let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.setCancelHandler { signal(number, SIG_DFL) }
      source.resume()
      return source
    }
    defer { for source in sources { source.cancel() } }
    return await withTaskGroup(of: Result<Void, any Error>?.self) { group in
      group.addTask {
        do { return .success(try await body()) } catch { return .failure(error) }
      }
      group.addTask {
        for await _ in stops { break }
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
  }
}
