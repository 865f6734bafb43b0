import Foundation
import GRPCRuntime
import GRPCTestKit
import NIOCore
import NIOPosix
import ProtobufRuntime
import SocketTransport
import Testing
import TestProtos

/// Calls through TLS, and who is let in.
@Suite(.timeLimit(.minutes(10))) struct TLSTests {
  private let authority: TestAuthority

  init() throws {
    authority = try TestAuthority()
  }

  // MARK: The server's certificate

  @Test func `calls go through TLS, and a client without a certificate is nobody`() async throws {
    try await SecureServer.run(authority: authority) { server in
      let text = try await server.identity()
      #expect(text == "nobody")
      #expect(server.events.lines == [])
    }
  }

  @Test func `a message of many records goes through TLS whole, both ways`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.say, unary: { request, _ in request })
    var configuration = ServerConfiguration()
    let issued = try authority.issue("server")
    configuration.tls = TLSServerConfiguration(certificateFile: issued.certificate, keyFile: issued.key)
    var client = ChannelConfiguration()
    var tls = TLSClientConfiguration()
    tls.authorityFile = authority.certificate
    client.tls = tls
    let blob = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await LoopbackServer.run(router, configuration: configuration) { server in
      try await server.withChannel(configuration: client) { channel in
        let answer = try await KitEchoClient(channel).say(KitEchoMsg.with { $0.blob = blob })
        #expect(answer.blob == blob)
      }
    }
  }

  @Test func `a server that an unknown authority vouches for is refused by name`() async throws {
    try await SecureServer.run(authority: authority) { server in
      let other = try TestAuthority(named: "other")
      let status = try await server.failure { $0.authorityFile = other.certificate }
      #expect(status.code == .unavailable)
      #expect(
        status.message == "\(server.loopback.address) does not prove who it is: its certificate is not signed by an "
          + "authority in \(other.certificate), or not made for servers")
      let reason = try #require(await server.events.nextRefusal())
      #expect(reason.contains("does not know the authority"))
      #expect(server.calls.value == 0)
    }
  }

  @Test func `a certificate for another name is refused, unless that name is expected`() async throws {
    let issued = try authority.issue("elsewhere", names: "DNS:registry.example.org")
    try await SecureServer.run(certificate: issued, authority: authority) { server in
      let status = try await server.failure()
      #expect(
        status.message == "\(server.loopback.address) does not prove who it is: its certificate is not for its IP "
          + "address; if it has another name, set the server name")
      let wrong = try await server.failure { $0.serverName = "other.example.org" }
      #expect(wrong.message.contains("its certificate is not for the name other.example.org"))
      let right = try await server.identity { $0.serverName = "registry.example.org" }
      #expect(right == "nobody")
    }
  }

  @Test func `a certificate that has expired is refused, and the server has warned of it`() async throws {
    let issued = try authority.issue("expired", days: -1)
    try await SecureServer.run(certificate: issued, authority: authority) { server in
      let status = try await server.failure()
      #expect(status.message.hasSuffix("does not prove who it is: its certificate has expired"))
      #expect(server.events.lines.first?.contains("\(issued.certificate) holds a certificate that has expired") == true)
    }
  }

  @Test func `a certificate made for clients is none for a server`() async throws {
    let issued = try authority.issue("client", purpose: "clientAuth")
    try await SecureServer.run(certificate: issued, authority: authority) { server in
      let status = try await server.failure()
      #expect(status.message.contains("or not made for servers"))
    }
  }

  @Test func `a client that speaks TLS to a server in clear is told so`() async throws {
    try await LoopbackServer.run(.tellingIdentity(Counter())) { loopback in
      let server = SecureServer(
        authority: authority, loopback: loopback, events: ConnectionEvents(), calls: Counter())
      let status = try await server.failure()
      #expect(status.message == "TLS with \(loopback.address) failed: it does not speak TLS")
    }
  }

  @Test func `a client that speaks in clear to a server with TLS is sent away at once`() async throws {
    try await SecureServer.run(authority: authority) { server in
      try await server.loopback.withChannel { channel in
        let status = await #expect(throws: GRPCStatus.self) { try await askIdentity(channel) }
        #expect(status?.code == .unavailable)
      }
      let reason = await server.events.nextRefusal()
      #expect(reason == "it does not speak TLS")
    }
  }

  @Test func `a client that says nothing is sent away when its time is over`() async throws {
    try await SecureServer.run(authority: authority) { tls in
      tls.handshakeTimeout = .milliseconds(50)
    } _: { server in
      guard case .tcp(let host, let port) = server.loopback.address else { return }
      let socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
        host: host, port: port
      )
      .get()
      try await socket.closeFuture.get()
      let reason = await server.events.nextRefusal()
      #expect(reason == "the TLS handshake took too long")
    }
  }

  @Test func `a client beyond the handshakes that may be under way is sent away, and the next may come`() async throws {
    try await SecureServer.run(authority: authority) { tls in
      tls.handshakesMax = 2
      // On a machine that is busy the usual time would be over before the third has come.
      tls.handshakeTimeout = .seconds(600)
    } _: { server in
      let silent = [try await server.connectSilently(), try await server.connectSilently()]
      let third = try await server.connectSilently()
      try await third.closeFuture.get()
      let reason = await server.events.nextRefusal()
      #expect(reason == "there are too many TLS handshakes under way")
      try await silent[0].close()
      _ = await server.events.nextRefusal()
      let text = try await server.identity()
      #expect(text == "nobody")
      try await silent[1].close()
    }
  }

  @Test func `a server that stops does not wait for handshakes`() async throws {
    try await SecureServer.run(authority: authority) { server in
      let silent = try await server.connectSilently()
      // A call behind it shows that the server has seen it.
      _ = try await server.identity()
      await server.loopback.server.stop(grace: .seconds(60))
      try await silent.closeFuture.get()
    }
  }

  @Test(arguments: [
    ([], "speaks TLS but not HTTP/2 (ALPN h2), so it is no gRPC server"),
    (["-alpn", "http/1.1"], "HTTP/2 (ALPN h2)"),
    (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "there is no common version; TLS 1.2 or 1.3 is needed"),
    (
      ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
      "there is no common cipher suite, or a certificate is missing"
    ),
  ])
  func `a foreign server that cannot speak as gRPC does is told apart`(options: [String], words: String) async throws {
    let issued = try authority.issue("server")
    try await OpenSSLServer.run(issued, options) { address in
      var configuration = ChannelConfiguration()
      configuration.tls = TLSClientConfiguration()
      configuration.tls?.authorityFile = authority.certificate
      try await GRPCChannel.run(to: address, configuration: configuration) { channel in
        let status = await #expect(throws: GRPCStatus.self) { try await askIdentity(channel) }
        #expect(status?.code == .unavailable)
        #expect(status?.message.contains(words) == true, "\(status?.message ?? "")")
      }
    }
  }

  @Test func `a server that does not answer the handshake fails the call in time`() async throws {
    let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let address = TransportAddress.tcp(host: "127.0.0.1", port: try #require(silent.localAddress?.port))
    var configuration = ChannelConfiguration()
    configuration.connectTimeout = .milliseconds(50)
    configuration.tls = TLSClientConfiguration()
    configuration.tls?.authorityFile = authority.certificate
    try await GRPCChannel.run(to: address, configuration: configuration) { channel in
      let status = await #expect(throws: GRPCStatus.self) { try await askIdentity(channel) }
      // The time is one for the connection and the handshake, and which of them it cuts off is told in different words.
      #expect(status?.code == .unavailable)
      #expect(status?.message.contains("\(address)") == true, "\(status?.message ?? "")")
    }
    try await silent.close()
  }

  // MARK: The client's certificate

  @Test func `a client's certificate tells the handler who calls`() async throws {
    let client = try authority.issue(
      "client", subject: "/O=Example/CN=indexer",
      names: "URI:spiffe://example.org/indexer,DNS:indexer.example.org,email:ops@example.org", purpose: "clientAuth")
    try await SecureServer.run(authority: authority, requireCertificates) { server in
      let text = try await server.identity { $0.show(client) }
      #expect(text == "CN=indexer,O=Example spiffe://example.org/indexer indexer.example.org ops@example.org")
    }
  }

  @Test(arguments: TLSServerConfiguration.ClientCertificates.allCases)
  func `a certificate that does not hold lets nobody in where it is asked for`(
    clients: TLSServerConfiguration.ClientCertificates
  ) async throws {
    let other = try TestAuthority(named: "other")
    let bad = [
      try other.issue("foreign"), TestCertificate(certificate: other.certificate, key: other.folder.path + "/ca.key"),
      try authority.issue("expired", days: -1), try authority.issue("for-servers", purpose: "serverAuth"),
    ]
    try await SecureServer.run(authority: authority) { tls in
      tls.clientCertificates = clients
      tls.clientAuthorityFile = clients == .off ? nil : authority.certificate
    } _: { server in
      for certificate in bad {
        let status = try await server.failure { $0.show(certificate) }
        if clients == .off {
          // Nobody asked, so it was not shown.
          #expect(status.message == "nobody")
        } else {
          #expect(status.code == .unavailable, "\(certificate)")
          #expect(status.message.contains("certificate"), "\(status.message)")
          let reason = try #require(await server.events.nextRefusal())
          #expect(reason == "the TLS handshake failed: its certificate does not hold")
        }
      }
      #expect(server.calls.value == (clients == .off ? bad.count : 0))
    }
  }

  @Test func `without a certificate, optional lets in and required does not`() async throws {
    try await SecureServer.run(authority: authority) { tls in
      tls.clientCertificates = .optional
      tls.clientAuthorityFile = authority.certificate
    } _: { server in
      let text = try await server.identity()
      #expect(text == "nobody")
      let client = try authority.issue("client", names: nil)
      let known = try await server.identity { $0.show(client) }
      #expect(known == "CN=client")
    }
    try await SecureServer.run(authority: authority, requireCertificates) { server in
      let status = try await server.failure()
      #expect(status.code == .unavailable)
      #expect(status.message.hasSuffix("the peer requires a certificate"), "\(status.message)")
      let reason = try #require(await server.events.nextRefusal())
      #expect(reason == "the TLS handshake failed: it shows no certificate")
      #expect(server.calls.value == 0)
    }
  }

  // MARK: Reloading

  @Test func `a new certificate is for new connections, and old ones go on`() async throws {
    let first = try authority.issue("first")
    let served = TestCertificate(
      certificate: try authority.file("served.pem", String(contentsOfFile: first.certificate, encoding: .utf8)),
      key: try authority.file("served.key", String(contentsOfFile: first.key, encoding: .utf8)))
    let other = try TestAuthority(named: "next")
    try await SecureServer.run(certificate: served, authority: authority) { server in
      try await server.withChannel { channel in
        var text = try await askIdentity(channel)
        #expect(text == "nobody")
        // Another authority's certificate shows who answers: the open connection does not mind, a new one does.
        let next = try other.issue("next")
        _ = try authority.file("served.pem", String(contentsOfFile: next.certificate, encoding: .utf8))
        #expect(throws: (any Error).self) { try server.loopback.server.reloadTLS() }
        text = try await server.identity()
        #expect(text == "nobody")
        _ = try authority.file("served.key", String(contentsOfFile: next.key, encoding: .utf8))
        try server.loopback.server.reloadTLS()
        text = try await askIdentity(channel)
        #expect(text == "nobody")
      }
      let old = try await server.failure()
      #expect(old.message.contains("is not signed by an authority"))
      let new = try await server.identity { $0.authorityFile = other.certificate }
      #expect(new == "nobody")
    }
  }

  @Test func `a server in clear has nothing to reload`() async throws {
    try await LoopbackServer.run(Router()) { try $0.server.reloadTLS() }
  }

  @Test func `a server whose files are bad does not listen`() async throws {
    var configuration = ServerConfiguration()
    configuration.tls = TLSServerConfiguration(certificateFile: "/nowhere.pem", keyFile: "/nowhere.key")
    let server = GRPCServer(router: Router(), configuration: configuration)
    let error = await #expect(throws: TransportError.self) { try await server.listen(on: "127.0.0.1:0") }
    #expect(error?.message == "the certificate file /nowhere.pem does not exist")
    await server.stop(grace: .zero)
  }

  // MARK: Unix sockets

  @Test func `behind a Unix socket the caller is the process that connected, with and without TLS for TCP`()
    async throws
  {
    let issued = try authority.issue("server")
    for tls in [nil, TLSServerConfiguration(certificateFile: issued.certificate, keyFile: issued.key)] {
      var configuration = ServerConfiguration()
      configuration.tls = tls
      let server = GRPCServer(router: .tellingIdentity(Counter()), configuration: configuration)
      let address = TransportAddress.unusedSocket()
      try await server.listen(on: address.description)
      try await GRPCChannel.run(to: address) { channel in
        let text = try await askIdentity(channel)
        #expect(text == "process \(geteuid()) \(getegid()) \(getpid())")
      }
      await server.stop(grace: .zero)
    }
  }

  @Test func `on TCP without TLS the caller is nobody`() async throws {
    try await LoopbackServer.run(.tellingIdentity(Counter())) { server in
      try await server.withChannel { channel in
        let text = try await askIdentity(channel)
        #expect(text == "nobody")
      }
    }
  }

  private func requireCertificates(_ tls: inout TLSServerConfiguration) {
    tls.clientCertificates = .required
    tls.clientAuthorityFile = authority.certificate
  }
}

extension TLSClientConfiguration {
  fileprivate mutating func show(_ certificate: TestCertificate) {
    certificateFile = certificate.certificate
    keyFile = certificate.key
  }
}
