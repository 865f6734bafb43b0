internal import GRPCRuntime

/// What is configured of TLS, part by part; only together do the parts make a configuration.
struct TLSSettings: Sendable {
  var certificateFile: String?
  var keyFile: String?
  var clientAuthorityFile: String?
  var clientAuthorities: [AuthorityBinding] = []
  var clientCertificates: TLSServerConfiguration.ClientCertificates
  var handshakeTimeout: Duration
  var handshakesMax: Int
  var clientHelloBytesMax: Int

  /// No TLS, and the server's own limits.
  init() {
    let defaults = TLSServerConfiguration(certificateFile: "", keyFile: "")
    clientCertificates = defaults.clientCertificates
    handshakeTimeout = defaults.handshakeTimeout
    handshakesMax = defaults.handshakesMax
    clientHelloBytesMax = defaults.clientHelloBytesMax
  }

  /// What the server is given; nil if it is to speak in clear.
  /// - Throws: which part lacks which other.
  func configuration() throws(DaemonFailure) -> TLSServerConfiguration? {
    guard let certificateFile, let keyFile else {
      if certificateFile != nil { throw missing("tls.key_file", beside: "tls.certificate_file") }
      if keyFile != nil { throw missing("tls.certificate_file", beside: "tls.key_file") }
      if clientCertificates != .off { throw missing("tls.certificate_file", beside: "tls.client_certificates") }
      if clientAuthorityFile != nil { throw missing("tls.certificate_file", beside: "tls.client_authority_file") }
      if !clientAuthorities.isEmpty { throw missing("tls.certificate_file", beside: "tls.client_authorities") }
      return nil
    }
    if clientCertificates == .off, !clientAuthorities.isEmpty {
      throw missing("tls.client_certificates", beside: "tls.client_authorities")
    }
    if clientCertificates != .off, clientAuthorityFile == nil, clientAuthorities.isEmpty {
      throw missing("tls.client_authority_file", beside: "tls.client_certificates")
    }
    var configuration = TLSServerConfiguration(certificateFile: certificateFile, keyFile: keyFile)
    configuration.clientAuthorityFile = clientAuthorityFile
    configuration.clientAuthorityFiles = Set(clientAuthorities.map(\.file)).sorted()
    configuration.clientCertificates = clientCertificates
    configuration.handshakeTimeout = handshakeTimeout
    configuration.handshakesMax = handshakesMax
    configuration.clientHelloBytesMax = clientHelloBytesMax
    return configuration
  }

  /// For which organizations each authority may speak, by its file.
  var organizations: [String: Set<String>] {
    clientAuthorities.reduce(into: [:]) { $0[$1.file, default: []].insert($1.organization) }
  }

  /// Where the authorities say which certificates they have taken back.
  var revocations: [RevocationFile] {
    Set(
      clientAuthorities.compactMap { binding in
        binding.revocationFile.map { RevocationFile(path: $0, authorityFile: binding.file) }
      }
    ).sorted { ($0.authorityFile, $0.path) < ($1.authorityFile, $1.path) }
  }

  private func missing(_ key: String, beside other: String) -> DaemonFailure {
    DaemonFailure(.usage, "\(key) is missing, which \(other) needs; set it too")
  }
}
