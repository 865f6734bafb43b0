import Synchronization

/// What a handler knows about its call besides the messages.
///
/// When the caller gives up, the deadline passes or the connection is lost, the handler's task is cancelled; nothing
/// else needs to be watched.
public final class CallContext: Sendable {
  /// The method's path: `/plenary.v1.DialogueService/GetDialogue`.
  public let method: String

  /// The metadata the caller sent.
  public let requestMetadata: Metadata

  /// When the caller stops waiting, if it said so.
  public let deadline: Deadline?

  /// The other end of the connection: `127.0.0.1:50412`, or `unix:` and a path.
  public let peer: String

  private let clock: any RuntimeClock
  private let sink: any MessageSink
  private let response = Mutex(ResponseMetadata())

  package init(
    method: String, requestMetadata: Metadata, deadline: Deadline?, peer: String, clock: any RuntimeClock,
    sink: any MessageSink
  ) {
    self.method = method
    self.requestMetadata = requestMetadata
    self.deadline = deadline
    self.peer = peer
    self.clock = clock
    self.sink = sink
  }

  /// The time until the deadline, or nil when there is none. Negative once it has passed.
  public var timeRemaining: Duration? {
    deadline?.remaining(at: clock.now)
  }

  /// Metadata for the headers of the answer. What is set after they were sent has no effect.
  public var initialMetadata: Metadata {
    get { response.withLock { $0.initial } }
    set { response.withLock { $0.initial = newValue } }
  }

  /// Metadata for the trailers, sent with the status, whatever it is.
  public var trailingMetadata: Metadata {
    get { response.withLock { $0.trailing } }
    set { response.withLock { $0.trailing = newValue } }
  }

  /// Sends the headers now. Without it they wait for the first message, so that an error before it travels alone.
  public func sendInitialMetadata() {
    sink.sendInitialMetadata()
  }
}

private struct ResponseMetadata {
  var initial = Metadata()
  var trailing = Metadata()
}
