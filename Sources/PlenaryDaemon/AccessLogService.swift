internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import Transparency

/// The access log of a registry that is open, and what writes it.
final class AccessLogService: Sendable {
  /// The log.
  let log: AccessLog

  /// How long what was noted waits for more, so that a batch is more than one entry.
  private static let patience = Duration.seconds(1)

  private let writing: Task<Void, Never>

  /// Opens the log beside a store.
  /// - Throws: what is in the way, in one line.
  init(
    _ store: SQLiteStore, _ key: SigningKey, _ configuration: DaemonConfiguration, _ observer: DaemonObserver,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) throws(DaemonFailure) {
    let (begins, begun) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let log: AccessLog
    do throws(StoreError) {
      log = try AccessLog(
        beside: store, key, configuration.accessLog, now: configuration.inputs.now,
        report: { observer.accessLogFailed("\($0)") }, begun: { begun.yield() })
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
    self.log = log
    writing = Task {
      for await _ in begins {
        do { try await pause(Self.patience) } catch { return }
        // What cannot be written has been reported, and is counted.
        try? await log.write()
      }
    }
  }

  /// Writes what waits, and closes the log.
  func close() async {
    writing.cancel()
    await writing.value
    await log.close()
  }
}
