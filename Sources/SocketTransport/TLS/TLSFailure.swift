internal import NIOCore
internal import NIOSSL

/// Says in the field's words what the TLS library says in its own.
enum TLSFailure {
  /// Why a connection under way was lost, or nil when the peer only left out TLS's own goodbye: HTTP/2 has said its
  /// end, or the streams tell that it has not.
  static func loss(_ error: any Error) -> String? {
    if case NIOSSLError.uncleanShutdown = error { return nil }
    if let error = error as? BoringSSLError { return "TLS failed: \(text(error, as: .ended))" }
    return "\(error)"
  }

  /// Why a server refused a client.
  static func refusal(_ error: any Error) -> String {
    switch error {
    case let error as TransportError: error.message
    case is TLSProtocolMismatch: "it does not offer HTTP/2 (ALPN h2)"
    case NIOSSLError.handshakeFailed(let error): "the TLS handshake failed: \(text(error, as: .server))"
    case ChannelError.eof: "it went away during the TLS handshake"
    default: "the TLS handshake failed: \(error)"
    }
  }

  /// Why a client could not connect to `address`; `certificate` is the server's, as far as it came.
  static func connecting(
    to address: TransportAddress, _ error: any Error, _ credentials: TLSClientCredentials,
    certificate: NIOSSLCertificate?
  ) -> TransportError {
    func untrusted(_ what: String) -> TransportError {
      TransportError(.untrusted, "\(address) does not prove who it is: its certificate \(what)")
    }
    switch error {
    case let error as TransportError: return error
    case is TLSProtocolMismatch:
      return TransportError(.failed, "\(address) speaks TLS but not HTTP/2 (ALPN h2), so it is no gRPC server")
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      let name = credentials.serverName.map { "the name \($0)" } ?? "its IP address"
      return untrusted("is not for \(name); if it has another name, set the server name")
    case NIOSSLError.unableToValidateCertificate:
      let name = credentials.serverName.map { "the name \($0)" } ?? "its IP address"
      return untrusted("is not for \(name); if it has another name, set the server name")
    case NIOSSLError.handshakeFailed(let error) where codes(error).contains("CERTIFICATE_VERIFY_FAILED"):
      return switch certificate?.validity {
      case .expired: untrusted("has expired")
      case .notYetValid: untrusted("is not valid yet; is the clock of this machine right?")
      case .valid, nil: untrusted("is not signed by \(credentials.trust), or not made for servers")
      }
    case NIOSSLError.handshakeFailed(let error):
      return TransportError(.failed, "TLS with \(address) failed: \(text(error, as: .client))")
    case ChannelError.eof:
      return TransportError(.failed, "\(address) closed the connection during the TLS handshake")
    default: return TransportError(.failed, "TLS with \(address) failed: \(error)")
    }
  }

  /// Why a document could not be fetched.
  static func fetching(from url: String, _ error: any Error) -> TransportError {
    func untrusted(_ what: String) -> TransportError {
      TransportError(.untrusted, "\(url) does not prove who it is: its certificate \(what)")
    }
    switch error {
    case let error as TransportError: return error
    case let error as NIOSSLExtraError where error == .failedToValidateHostname: return untrusted("is not for its name")
    case NIOSSLError.unableToValidateCertificate: return untrusted("is not for its name")
    case NIOSSLError.handshakeFailed(let error) where codes(error).contains("CERTIFICATE_VERIFY_FAILED"):
      return untrusted("has expired, is not made for servers, or is signed by no authority that is trusted here")
    case NIOSSLError.handshakeFailed(let error):
      return TransportError(.failed, "TLS with \(url) failed: \(text(error, as: .client))")
    case ChannelError.eof: return TransportError(.failed, "\(url) closes the connection during the TLS handshake")
    default: return TransportError(.failed, "\(url) does not answer as a web server does: \(error)")
    }
  }

  /// Who says it, and so about whom.
  private enum Side {
    case server, client, ended
  }

  private static func text(_ error: BoringSSLError, as side: Side) -> String {
    let codes = codes(error)
    return codes.lazy.compactMap { known($0, as: side) }.first ?? codes.first ?? "\(error)"
  }

  private static func known(_ code: String, as side: Side) -> String? {
    switch code {
    case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_RECORD": side == .client ? "it does not speak TLS" : nil
    case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION": "there is no common version; TLS 1.2 or 1.3 is needed"
    case "NO_SHARED_CIPHER", "SSLV3_ALERT_HANDSHAKE_FAILURE":
      "there is no common cipher suite, or a certificate is missing"
    case "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "the peer has no HTTP/2 (ALPN h2)"
    case "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it shows no certificate"
    case "CERTIFICATE_VERIFY_FAILED": "its certificate does not hold"
    case "TLSV1_ALERT_UNKNOWN_CA": "the peer does not know the authority that signed our certificate"
    case "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the peer says that our certificate has expired"
    case "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_UNKNOWN":
      "the peer does not take our certificate"
    case "TLSV1_ALERT_CERTIFICATE_REQUIRED", "TLSV1_CERTIFICATE_REQUIRED", "TLSV13_ALERT_CERTIFICATE_REQUIRED":
      "the peer requires a certificate"
    case "NO_RENEGOTIATION": "the peer asks for a renegotiation"
    case "EOF during handshake": "the connection ended during the handshake"
    default: nil
    }
  }

  /// The names that the library gives to what went wrong, as in `error:1000007d:…:CERTIFICATE_VERIFY_FAILED at …`.
  private static func codes(_ error: BoringSSLError) -> [String] {
    switch error {
    case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
      return stack.map { entry in
        if entry == .eofDuringHandshake { return "EOF during handshake" }
        let words = entry.description.split(separator: " ")
        let end = words.firstIndex(of: "at") ?? words.endIndex
        let message = words[..<end].joined(separator: " ")
        return message.split(separator: ":").last.map(String.init) ?? message
      }
    default: return []
    }
  }
}
