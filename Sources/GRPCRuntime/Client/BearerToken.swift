/// Sends a token with every call, as RFC 6750 has it: `authorization: Bearer TOKEN`.
///
/// Use it where others cannot listen: over TLS, a Unix socket or on this machine alone.
public struct BearerToken: ClientInterceptor, CustomStringConvertible {
  private let metadata: Metadata

  /// Sends this token. Throws a `GRPCStatus` if it cannot stand in metadata.
  public init(_ token: String) throws {
    var metadata = Metadata()
    try metadata.append("Bearer \(token)", for: "authorization")
    self.metadata = metadata
  }

  /// Adds the token to what the caller sends.
  public func begin(_ call: inout OutgoingCall) async throws {
    call.options.metadata.append(contentsOf: metadata)
  }

  /// Not the token, so that it gets into no log by accident.
  public var description: String { "BearerToken" }
}
