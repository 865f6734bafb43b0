import Foundation
@testable import SocketTransport
import Testing

/// Files that TLS cannot be made of, and what is said about each.
struct TLSFileTests {
  private let authority: TestAuthority
  private let server: TestCertificate

  init() throws {
    authority = try TestAuthority()
    server = try authority.issue("server")
  }

  @Test func `a certificate with its key loads without a word`() throws {
    #expect(try load().warnings == [])
  }

  @Test func `a file that is missing is named`() {
    let path = authority.folder.appending(path: "gone.pem").path
    #expect(message(certificate: path) == "the certificate file \(path) does not exist")
    #expect(message(key: path) == "the private key file \(path) does not exist")
  }

  @Test func `a directory is no file`() {
    let path = authority.folder.path
    #expect(message(certificate: path) == "the certificate file \(path) is a directory")
  }

  @Test func `a file that is empty, too long or not PEM is named`() throws {
    let empty = try authority.file("empty.pem", "")
    #expect(message(certificate: empty) == "the certificate file \(empty) is empty")
    let long = try authority.file("long.pem", String(repeating: "#", count: TLSFile.bytesMax + 1))
    #expect(message(certificate: long) == "the certificate file \(long) is longer than 1048576 bytes")
    let text = try authority.file("text.pem", "hello")
    #expect(message(certificate: text).hasPrefix("the certificate file \(text) is not PEM; convert it with"))
    #expect(message(key: text).hasPrefix("the private key file \(text) is not PEM; convert it with"))
  }

  @Test func `a file of the limit is read`() throws {
    let pem = try String(contentsOfFile: server.certificate, encoding: .utf8)
    let padded = pem + String(repeating: "#", count: TLSFile.bytesMax - pem.utf8.count)
    #expect(try load(certificate: authority.file("padded.pem", padded)).warnings == [])
  }

  @Test func `files that were exchanged are named`() {
    #expect(message(certificate: server.key) == "the certificate file \(server.key) holds no certificate")
    #expect(message(key: server.certificate) == "the private key file \(server.certificate) holds no private key")
  }

  @Test func `a file that was cut off is named`() throws {
    let pem = try String(contentsOfFile: server.certificate, encoding: .utf8)
    let cut = try authority.file("cut.pem", String(pem.dropLast(40)))
    #expect(message(certificate: cut).hasPrefix("the certificate file \(cut) holds a certificate that cannot be read"))
    let key = try String(contentsOfFile: server.key, encoding: .utf8)
    let cutKey = try authority.file("cut.key", String(key.dropLast(40)))
    #expect(message(key: cutKey).hasPrefix("the private key file \(cutKey) holds a private key that cannot be read"))
  }

  @Test func `an encrypted key is named, and nobody is asked for its passphrase`() throws {
    let path = authority.folder.appending(path: "encrypted.key").path
    try TestAuthority.openssl("pkey", "-in", server.key, "-aes256", "-passout", "pass:secret", "-out", path)
    #expect(message(key: path).hasPrefix("the private key file \(path) is encrypted"))
  }

  @Test func `a key of another certificate is named together with the certificate`() throws {
    let other = try authority.issue("other")
    #expect(
      message(key: other.key)
        == "the private key file \(other.key) is not that of the first certificate in \(server.certificate); "
        + "name the key that the certificate was made for")
  }

  @Test func `a certificate that has expired loads with a warning`() throws {
    let expired = try authority.issue("expired", days: -1)
    #expect(
      try load(certificate: expired.certificate, key: expired.key).warnings == [
        "the certificate file \(expired.certificate) holds a certificate that has expired; replace it and reload"
      ])
  }

  @Test func `authorities of clients are needed when clients are asked, and only then`() {
    #expect(message(clients: .required).hasPrefix("clients are asked for certificates, and no file says"))
    #expect(message(clients: .optional).hasPrefix("clients are asked for certificates, and no file says"))
    #expect(message(authority: authority.certificate).hasPrefix("clients are not asked for certificates, and"))
    let gone = authority.folder.appending(path: "gone.pem").path
    #expect(message(authority: gone, clients: .required) == "the client authority file \(gone) does not exist")
  }

  @Test func `a client's files are named in the same way`() throws {
    let address = TransportAddress.tcp(host: "localhost", port: 1)
    func message(_ change: (inout TLSClientConfiguration) -> Void, for address: TransportAddress = address) -> String {
      var configuration = TLSClientConfiguration()
      configuration.authorityFile = authority.certificate
      change(&configuration)
      let error = #expect(throws: TransportError.self) { try TLSClientCredentials(configuration, for: address) }
      return error?.message ?? ""
    }
    #expect(message { $0.authorityFile = "/nowhere.pem" } == "the authority file /nowhere.pem does not exist")
    #expect(message { $0.certificateFile = server.certificate }.hasPrefix("\(server.certificate) alone proves nothing"))
    #expect(message { $0.keyFile = server.key }.hasPrefix("\(server.key) alone proves nothing"))
    #expect(message { $0.serverName = "127.0.0.1" }.hasPrefix("\"127.0.0.1\" cannot be the name of a server"))
    #expect(message { $0.serverName = "" }.hasPrefix("\"\" cannot be the name of a server"))
    #expect(message({ _ in }, for: .unix(path: "/run/x")).hasPrefix("unix:/run/x is a Unix socket"))
  }

  @Test func `when a file is bad, what was loaded before stays`() throws {
    let path = try authority.file("renewed.pem", String(contentsOfFile: server.certificate, encoding: .utf8))
    let credentials = try TLSServerCredentials(
      TLSServerConfiguration(certificateFile: path, keyFile: server.key), warn: { _ in })
    let before = credentials.current.context
    _ = try authority.file("renewed.pem", "broken")
    #expect(throws: TransportError.self) { try credentials.reload { _ in } }
    #expect(credentials.current.context === before)
    _ = try authority.file("renewed.pem", String(contentsOfFile: server.certificate, encoding: .utf8))
    try credentials.reload { _ in }
    #expect(credentials.current.context !== before)
  }

  private func load(
    certificate: String? = nil, key: String? = nil, authority: String? = nil,
    clients: TLSServerConfiguration.ClientCertificates = .off
  ) throws(TransportError) -> (credentials: TLSServerCredentials, warnings: [String]) {
    var configuration = TLSServerConfiguration(
      certificateFile: certificate ?? server.certificate, keyFile: key ?? server.key)
    configuration.clientAuthorityFile = authority
    configuration.clientCertificates = clients
    var warnings: [String] = []
    return (try TLSServerCredentials(configuration) { warnings.append($0) }, warnings)
  }

  private func message(
    certificate: String? = nil, key: String? = nil, authority: String? = nil,
    clients: TLSServerConfiguration.ClientCertificates = .off
  ) -> String {
    let error = #expect(throws: TransportError.self) {
      try load(certificate: certificate, key: key, authority: authority, clients: clients)
    }
    return error?.message ?? ""
  }
}
