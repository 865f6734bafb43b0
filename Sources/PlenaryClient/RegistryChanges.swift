public import GRPCRuntime
internal import GoogleAPI
public import PlenaryAPI
internal import PlenaryRPC
internal import ProtobufRuntime

extension RegistryClient {
  /// Watches what changes, over breaks of the connection and restarts of the registry.
  ///
  /// Each iteration watches anew. See `RegistryChanges` for what it promises.
  public func changes(_ request: WatchChangesRequest, options: CallOptions = CallOptions()) -> RegistryChanges {
    RegistryChanges(channel: channel, request: request, options: options)
  }

  /// Watches records of some types, or of all, that a filter selects.
  ///
  /// - Parameters:
  ///   - resourceTypes: The types, such as `plenary.registry/Dialogue`; empty for all.
  ///   - start: Where to begin; nil for now.
  public func changes(
    ofTypes resourceTypes: [String] = [], filter: String = "", from start: WatchChangesRequest.Start? = nil,
    options: CallOptions = CallOptions()
  ) -> RegistryChanges {
    let request = WatchChangesRequest.with {
      $0.resourceTypes = resourceTypes
      $0.filter = filter
      $0.start = start
    }
    return changes(request, options: options)
  }
}

/// What changes in a registry, as it happens: the messages of a watch, one after the other.
///
/// It has no end. When the connection breaks, or the registry stops, or the reader was too slow, it watches again behind the
/// last `revision` that it has given, with pauses that grow, and then goes on:
///
/// - Every change is given at least once, in order, and none is left out.
/// - None is given again that stands before a `revision` that was given. After a message with `more`, which has none, the
///   beginning of a request can be given again.
/// - Where what was given counts no longer, a message of the kind RESYNC is given: forget it all; a snapshot follows. That
///   is so when what the caller may see has changed, and when a snapshot broke off before its end.
///
/// To go on in another run of the program, keep the last `revision`, and begin with `afterRevision`.
///
/// It throws the status of the first call if that cannot begin, and later one that trying again does not mend: such as
/// `REVISION_COMPACTED`, when the changes after the last revision are no longer kept. It throws `CANCELLED` when the task is
/// cancelled, and ends the watch when the reader is let go.
public struct RegistryChanges: AsyncSequence, Sendable {
  let channel: GRPCChannel
  let request: WatchChangesRequest
  let options: CallOptions

  /// Begins to watch.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(channel: channel, request: request, options: options)
  }

  /// Reads the messages of a watch.
  public struct AsyncIterator: AsyncIteratorProtocol {
    /// How far apart attempts to watch again are.
    private static let pauseInitial = Duration.milliseconds(100)
    private static let pauseMax = Duration.seconds(10)

    private let channel: GRPCChannel
    private var request: WatchChangesRequest
    private var options: CallOptions
    private var responses: ResponseStream<WatchChangesResponse>.AsyncIterator?
    private var backoff: ConnectionBackoff

    /// Whether anything has come, and whether that is a part of a snapshot.
    private var hasBegun = false
    private var isInSnapshot = false

    fileprivate init(channel: GRPCChannel, request: WatchChangesRequest, options: CallOptions) {
      self.channel = channel
      self.request = request
      self.options = options
      backoff = ConnectionBackoff(
        initial: Self.pauseInitial, max: Self.pauseMax, random: { Double.random(in: $0) })
    }

    /// The next message.
    public mutating func next() async throws(GRPCStatus) -> WatchChangesResponse? {
      while true {
        do throws(GRPCStatus) {
          var responses = if let responses { responses } else { try begin() }
          let message = try await responses.next()
          self.responses = message == nil ? nil : responses
          // A watch ends well only behind RESYNC, which has said where to begin again.
          guard let message else {
            try await pause()
            continue
          }
          note(message)
          return message
        } catch {
          responses = nil
          guard hasBegun, error.mayPass else { throw error }
          try await pause()
          guard isInSnapshot else { continue }
          isInSnapshot = false
          return .with { $0.kind = .resync }
        }
      }
    }

    private func begin() throws(GRPCStatus) -> ResponseStream<WatchChangesResponse>.AsyncIterator {
      var options = options
      // Only the first time does it matter to anyone that there is no registry.
      if hasBegun { options.waitsForReady = true }
      return try ChangeServiceClient(channel).watchChanges(request, options: options).makeAsyncIterator()
    }

    /// Remembers where to go on.
    private mutating func note(_ message: WatchChangesResponse) {
      hasBegun = true
      backoff.succeeded()
      switch message.kind {
      case .snapshot: isInSnapshot = true
      case .resync: request.start = .snapshot(true)
      default:
        isInSnapshot = false
        if !message.revision.isEmpty { request.start = .afterRevision(message.revision) }
      }
    }

    private mutating func pause() async throws(GRPCStatus) {
      do {
        try await Task.sleep(for: backoff.failed())
      } catch {
        throw GRPCStatus(.cancelled, "the task was cancelled")
      }
    }
  }
}

extension GRPCStatus {
  /// Whether a watch that ended so may go on when it is asked for again.
  fileprivate var mayPass: Bool {
    if origin == .local { return false }
    if detail(RPCRetryInfo.self) != nil { return true }
    switch code {
    case .unavailable: return true
    // The server has no room just now, or the reader was too slow; a limit that stays says so.
    case .resourceExhausted: return reason != "LIMIT_REACHED"
    default: return false
    }
  }
}
