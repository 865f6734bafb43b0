internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// What a server's TLS connections are made of: its certificate, its key and the authorities of its clients. They can be
/// read anew while connections go on; each connection keeps what it began with.
package final class TLSServerCredentials: Sendable {
  /// What a connection begins with, and keeps.
  struct Current: Sendable {
    let configuration: TLSServerConfiguration
    let context: NIOSSLContext
    let authorities: [ClientAuthority]
  }

  private let state: Mutex<Current>
  private let handshakes = Atomic(0)

  /// Reads the files; `warn` is told of certificates that are out of date.
  ///
  /// It blocks while it reads.
  ///
  /// - Throws: `.badTLSFile`, with one line that names the file, what is wrong with it and what to do.
  package init(_ configuration: TLSServerConfiguration, warn: (String) -> Void) throws(TransportError) {
    state = Mutex(try Self.load(configuration, warn))
  }

  /// Reads the files again, or those of another configuration, for the connections to come. When it throws, nothing has
  /// changed.
  package func reload(
    _ configuration: TLSServerConfiguration? = nil, warn: (String) -> Void
  ) throws(TransportError) {
    let next = try Self.load(configuration ?? current.configuration, warn)
    state.withLock { $0 = next }
  }

  /// For a connection that begins now.
  var current: Current {
    state.withLock { $0 }
  }

  /// What is configured now.
  var configuration: TLSServerConfiguration { current.configuration }

  /// Counts a handshake that begins, or says that there are enough. What was counted has to end.
  func handshakeMayBegin() -> Bool {
    let count = handshakes.add(1, ordering: .relaxed).newValue
    guard count > configuration.handshakesMax else { return true }
    handshakeEnded()
    return false
  }

  /// A handshake that was counted is over.
  func handshakeEnded() {
    handshakes.subtract(1, ordering: .relaxed)
  }

  private static func load(
    _ configuration: TLSServerConfiguration, _ warn: (String) -> Void
  ) throws(TransportError) -> Current {
    let own = try TLSIdentity(certificateFile: configuration.certificateFile, keyFile: configuration.keyFile, warn)
    var tls = TLSConfiguration.makeServerConfiguration(certificateChain: own.chain, privateKey: own.key)
    tls.restrictToHTTP2()
    var authorities: [ClientAuthority] = []
    for file in configuration.clientAuthorityFiles { authorities.append(try ClientAuthority(file: file, warn)) }
    if let others = try clientAuthorities(configuration, warn) {
      tls.trustRoots = .certificates(others + authorities.flatMap(\.certificates))
      tls.sendCANameList = true
      // Clients are not known by the name of a host.
      tls.certificateVerification =
        configuration.clientCertificates == .required ? .noHostnameVerification : .optionalVerification
    }
    return Current(configuration: configuration, context: try own.makeContext(tls), authorities: authorities)
  }

  /// Whom the library is to trust besides the authorities with a name; nil if clients are asked for nothing.
  private static func clientAuthorities(
    _ configuration: TLSServerConfiguration, _ warn: (String) -> Void
  ) throws(TransportError) -> [NIOSSLCertificate]? {
    switch (configuration.clientCertificates, configuration.clientAuthorityFile) {
    case (.off, nil):
      guard let path = configuration.clientAuthorityFiles.first else { return nil }
      throw TransportError(
        .badTLSFile, "clients are not asked for certificates, and \(path) says who may sign them; choose one")
    case (.off, let path?):
      throw TransportError(
        .badTLSFile, "clients are not asked for certificates, and \(path) says who may sign them; choose one")
    case (_, nil) where !configuration.clientAuthorityFiles.isEmpty: return []
    case (_, nil):
      throw TransportError(
        .badTLSFile, "clients are asked for certificates, and no file says which authorities may sign them")
    case (_, let path?):
      let file = TLSFile(path: path, purpose: "client authority")
      let authorities = try file.certificates()
      file.warnOfDates(authorities, warn)
      return authorities
    }
  }
}

/// What a client's TLS connections are made of; read once, when the channel is made.
package final class TLSClientCredentials: Sendable {
  let context: NIOSSLContext
  /// The name that the server's certificate has to hold; its IP address when this is nil.
  let serverName: String?
  /// Who is trusted, as an error says it.
  let trust: String

  /// Reads the files for connections to `address`. It blocks while it reads.
  ///
  /// - Throws: `.badTLSFile`, with one line that names the file, what is wrong with it and what to do.
  package init(_ configuration: TLSClientConfiguration, for address: TransportAddress) throws(TransportError) {
    guard case .tcp(let host, _) = address else {
      throw TransportError(.failed, "\(address) is a Unix socket, which does without TLS; leave the TLS settings out")
    }
    serverName = configuration.serverName ?? (host.isIPAddress ? nil : host)
    if let serverName, serverName.isIPAddress || !(1...255).contains(serverName.utf8.count) || serverName.contains("\0")
    {
      throw TransportError(
        .failed, "\"\(serverName)\" cannot be the name of a server; give the name in its certificate")
    }
    trust = configuration.authorityFile.map { "an authority in \($0)" } ?? "an authority that this system trusts"
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.restrictToHTTP2()
    if let path = configuration.authorityFile {
      tls.trustRoots = .certificates(try TLSFile(path: path, purpose: "authority").certificates())
    }
    switch (configuration.certificateFile, configuration.keyFile) {
    case (let certificateFile?, let keyFile?):
      let own = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile) { _ in }
      tls.certificateChain = own.chain
      tls.privateKey = own.key
      context = try own.makeContext(tls)
    case (nil, nil):
      do {
        context = try NIOSSLContext(configuration: tls)
      } catch {
        throw TransportError(.badTLSFile, "TLS cannot be set up: \(error)")
      }
    case (let path?, nil), (nil, let path?):
      throw TransportError(.badTLSFile, "\(path) alone proves nothing: name both a certificate file and a key file")
    }
  }
}

/// A certificate with its key, read from two files.
private struct TLSIdentity {
  let chain: [NIOSSLCertificateSource]
  let key: NIOSSLPrivateKeySource
  private let certificateFile: TLSFile
  private let keyFile: TLSFile

  init(certificateFile: String, keyFile: String, _ warn: (String) -> Void) throws(TransportError) {
    self.certificateFile = TLSFile(path: certificateFile, purpose: "certificate")
    self.keyFile = TLSFile(path: keyFile, purpose: "private key")
    let certificates = try self.certificateFile.certificates()
    key = .privateKey(try self.keyFile.privateKey())
    self.certificateFile.warnOfDates(certificates, warn)
    chain = certificates.map { .certificate($0) }
  }

  func makeContext(_ configuration: TLSConfiguration) throws(TransportError) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw keyFile.failure(
        "is not that of the first certificate in \(certificateFile.path); name the key that the certificate was made for"
      )
    } catch {
      throw certificateFile.failure("cannot be used: \(error)")
    }
  }
}

extension TLSFile {
  /// Tells of certificates that are out of date. They are used all the same: the other side decides what it takes.
  func warnOfDates(_ certificates: [NIOSSLCertificate], _ warn: (String) -> Void) {
    for certificate in certificates {
      switch certificate.validity {
      case .valid: break
      case .expired: warn("the \(purpose) file \(path) holds a certificate that has expired; replace it and reload")
      case .notYetValid:
        warn("the \(purpose) file \(path) holds a certificate that is not valid yet; is the clock right?")
      }
    }
  }
}

extension NIOSSLCertificate {
  enum Validity {
    case valid, expired, notYetValid
  }

  /// Whether it is in its time. The system's clock decides, as it does in the library.
  var validity: Validity {
    let now = time(nil)
    return now > notValidAfter ? .expired : now < notValidBefore ? .notYetValid : .valid
  }
}

extension TLSConfiguration {
  /// RFC 9113 §9.2, and what gRPC needs: both sides speak TLS 1.2 or 1.3 and HTTP/2, and 1.2 only with AEAD suites and
  /// ephemeral keys. The library never compresses, and renegotiates only where it is told to.
  fileprivate mutating func restrictToHTTP2() {
    minimumTLSVersion = .tlsv12
    cipherSuiteValues = [
      .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
      .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
      .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
    applicationProtocols = ["h2"]
    renegotiationSupport = .none
    // HTTP/2 has said its end before; nobody is waited for longer.
    shutdownTimeout = .seconds(1)
  }
}

extension String {
  /// Whether it is a literal address of IPv4 or IPv6.
  var isIPAddress: Bool {
    // That it cannot be read as an address is the answer.
    (try? SocketAddress(ipAddress: self, port: 0)) != nil
  }
}
