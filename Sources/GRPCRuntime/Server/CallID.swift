/// Names a call in logs: no other call of a server has the same. Those of one connection share what stands before the `.`.
public struct CallID: Sendable, Hashable, CustomStringConvertible {
  /// The number of the connection among those of its server, from 1.
  public let connection: UInt64

  /// The number of the call's stream (RFC 9113 §5.1.1).
  public let stream: Int32

  /// The connection and the stream: `12.5`.
  public var description: String { "\(connection).\(stream)" }

  /// Names a call.
  package init(connection: UInt64, stream: Int32) {
    self.connection = connection
    self.stream = stream
  }
}

/// A call that has ended.
public struct FinishedCall: Sendable {
  /// Which call.
  public let id: CallID

  /// The method's path.
  public let method: String

  /// The other end of the connection.
  public let peer: String

  /// What the caller was answered, or would have been.
  public let status: GRPCStatus

  /// From the arrival of the request's headers to the status.
  public let duration: Duration
}
