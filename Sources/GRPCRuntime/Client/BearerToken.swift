public import SocketTransport

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

extension ChannelConfiguration {
  /// Sends a token with every call to an address, unless others can listen on the way there.
  ///
  /// TLS is set before this is called, if it is to be spoken.
  ///
  /// - Throws: a `ClearTextToken` if it would leave this machine without TLS, and a `GRPCStatus` if it cannot stand in
  ///   metadata.
  public mutating func send(_ token: String, to address: TransportAddress) throws {
    guard tls != nil || address.isLocal else { throw ClearTextToken(server: address.description) }
    interceptors.append(try BearerToken(token))
  }
}

/// A token was to be sent to another machine without TLS, where whoever listens on the way would get it.
public struct ClearTextToken: Error, CustomStringConvertible {
  /// Where it was to be sent.
  public let server: String

  /// What is wrong, in one line.
  public var description: String {
    "a token is not sent to \(server) without TLS, as others can listen on the way"
  }
}
