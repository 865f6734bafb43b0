/// How a client makes sure whom it talks to, and proves who it is.
public struct TLSClientConfiguration: Hashable, Sendable {
  /// A PEM file with the authorities that may sign the server's certificate; those of the system when it is nil.
  public var authorityFile: String?

  /// A PEM file: the client's own certificate, then those that lead from it to an authority; nil to show none.
  public var certificateFile: String?

  /// A PEM file with the private key of the first own certificate, not encrypted.
  public var keyFile: String?

  /// The name that the server's certificate has to hold, where it is not the host of the target.
  public var serverName: String?

  /// Makes a configuration that trusts the system's authorities and shows no certificate.
  public init() {}
}
