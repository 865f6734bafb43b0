/// What a caller may set for one call.
public struct CallOptions: Sendable {
  /// Metadata sent with the request.
  public var metadata = Metadata()

  /// How long the call may take. It crosses the wire, so the server stops as well.
  public var timeout: Duration?

  /// Whether the call waits while the server cannot be reached, instead of failing with `UNAVAILABLE`.
  public var waitsForReady = false

  /// How the requests may be compressed: not at all unless set. Nothing tells beforehand whether the server can read it; one
  /// that cannot answers `UNIMPLEMENTED`. `RequestWriter` can leave out single messages. Compressed responses are always
  /// understood.
  public var requestEncoding = MessageEncoding.identity

  /// Receives the headers of the answer.
  public var onInitialMetadata: (@Sendable (Metadata) -> Void)?

  /// Receives the trailers, whatever the status.
  public var onTrailingMetadata: (@Sendable (Metadata) -> Void)?

  /// Makes options: no metadata, no deadline.
  public init(metadata: Metadata = Metadata(), timeout: Duration? = nil) {
    self.metadata = metadata
    self.timeout = timeout
  }
}
