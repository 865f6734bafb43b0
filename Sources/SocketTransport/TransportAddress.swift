/// Where a server listens, or a client connects: a TCP port of a host, or a Unix socket.
///
/// It is written `HOST:PORT`, with a literal IPv6 host in brackets, `:PORT` for this machine alone, or `unix:PATH`.
public enum TransportAddress: Hashable, Sendable, CustomStringConvertible {
  /// A TCP port; 0 lets a listener take a free one.
  case tcp(host: String, port: Int)

  /// A Unix socket at this path.
  case unix(path: String)

  /// The longest path of a Unix socket, in bytes: `sun_path` without its terminating zero.
  public static let unixPathByteCountMax = 107

  /// Reads an address; throws what is wrong with the text.
  public init(parsing text: String) throws(TransportAddressError) {
    if text.hasPrefix("unix:") {
      self = .unix(path: try Self.unixPath(text))
    } else {
      self = try Self.tcp(text)
    }
  }

  /// Whether only this machine can reach it.
  public var isLocal: Bool {
    switch self {
    case .unix: true
    case .tcp(let host, _): Self.isLoopback(host)
    }
  }

  /// The address as `init(parsing:)` reads it.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  private static func unixPath(_ text: String) throws(TransportAddressError) -> String {
    // gRPC naming, "unix": `unix:///absolute` means what `unix:/absolute` does.
    let path = String(text.dropFirst(text.hasPrefix("unix:///") ? 7 : 5))
    guard !path.isEmpty else { throw TransportAddressError(text, "unix: needs a path, as in unix:/run/plenary.sock") }
    guard path.utf8.count <= unixPathByteCountMax else {
      throw TransportAddressError(text, "the path of a Unix socket has at most \(unixPathByteCountMax) bytes")
    }
    return path
  }

  private static func tcp(_ text: String) throws(TransportAddressError) -> TransportAddress {
    guard let colon = text.lastIndex(of: ":") else {
      throw TransportAddressError(text, "it needs a port, as in 127.0.0.1:7443, or to begin with unix:")
    }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw TransportAddressError(text, "the port must be a number from 0 to 65535")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw TransportAddressError(text, "an IPv6 host must be in brackets, as in [::1]:7443")
    }
    // Without a host it is the one nobody else can reach.
    if host.isEmpty, text.hasPrefix(":") { return .tcp(host: "127.0.0.1", port: Int(port)) }
    guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }) else {
      throw TransportAddressError(text, "it needs a host, as in 127.0.0.1:7443")
    }
    return .tcp(host: String(host), port: Int(port))
  }

  /// Whether the host is this machine: `localhost`, `::1`, or 127.0.0.0/8 (RFC 1122 §3.2.1.3).
  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && !parts.contains(nil) && parts[0] == 127
  }
}

/// What is wrong with a text that should be an address.
public struct TransportAddressError: Error, Hashable, CustomStringConvertible {
  /// The text and its fault, in one line.
  public let description: String

  init(_ text: String, _ reason: String) {
    description = "\"\(text)\" is not an address: \(reason)"
  }
}
