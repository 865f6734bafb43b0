internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// Whether servers are measured behind TLS.
struct TLSOptions: ParsableArguments {
  @Flag(help: "Put both servers behind TLS 1.3 with the same key and cipher.")
  var tls = false

  /// The certificate for both servers, nil without TLS. It lies in the folder and goes with it.
  func certificate(in folder: TemporaryFolder) throws -> Certificate? {
    tls ? try Certificate(in: folder) : nil
  }
}

/// A certificate for 127.0.0.1 that nobody trusts but who is told to, and its key.
struct Certificate {
  let certificateFile: String
  let keyFile: String

  /// What is spoken, so that two servers do the same work: h2load offers nothing else.
  static let protocolVersion = "TLSv1.3"
  static let cipher = "TLS_AES_128_GCM_SHA256"
  /// The only one that nghttpd 1.52 knows.
  static let group = "P-256"

  /// For the report.
  static let description = "\(protocolVersion), \(cipher), \(group), ECDSA on P-256"

  /// Makes both with openssl.
  init(in folder: TemporaryFolder) throws {
    let openssl = try Programs.needed("openssl", package: "openssl")
    certificateFile = folder.url.appending(path: "certificate.pem").path
    keyFile = folder.url.appending(path: "key.pem").path
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile]
    let names = ["-subj", "/CN=plenary-bench", "-addext", "subjectAltName=IP:127.0.0.1"]
    // It tells of its progress on standard error; what went wrong stands in the exit code as well.
    let process = try ChildProcess(
      [openssl, "req", "-x509", "-days", "2", "-out", certificateFile] + key + names, named: "openssl",
      discardingErrors: true)
    _ = try process.outputOfSuccess()
  }

  /// How our client is told to trust it.
  var clientConfiguration: TLSClientConfiguration {
    var configuration = TLSClientConfiguration()
    configuration.authorityFile = certificateFile
    return configuration
  }
}

extension ChannelConfiguration {
  /// For a server with this certificate, or without TLS.
  init(trusting certificate: Certificate?) {
    self.init()
    tls = certificate?.clientConfiguration
  }
}
