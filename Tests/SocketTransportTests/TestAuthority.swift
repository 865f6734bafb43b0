import Foundation
import ProcessSpawn

/// A certificate authority for the length of a test, made with the `openssl` program.
final class TestAuthority {
  /// Where its files are.
  let folder: URL
  /// Its own certificate.
  let certificate: String
  private let key: String

  /// Makes an authority with a folder of its own.
  init(named name: String = "authority", key algorithm: [String] = TestAuthority.p256) throws {
    folder = try Self.makeFolder()
    certificate = folder.appending(path: "ca.pem").path
    key = folder.appending(path: "ca.key").path
    try Self.openssl(
      ["req", "-x509", "-newkey"] + algorithm + [
        "-nodes", "-days", "30", "-keyout", key, "-out", certificate, "-subj", "/CN=\(name)",
      ])
  }

  /// Makes an authority of another one, which another one has signed.
  init(named name: String, under authority: TestAuthority) throws {
    folder = try Self.makeFolder()
    let issued = try authority.issue(name, names: nil, isAuthority: true)
    (certificate, key) = (issued.certificate, issued.key)
  }

  /// What `openssl` is told of a usual key.
  static let p256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]

  private static func makeFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plenary-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  deinit {
    // `try?`: what is left behind in the temporary folder is the system's to clean.
    try? FileManager.default.removeItem(at: folder)
  }

  /// Signs a certificate for a new key. `days` below zero make one that has expired.
  func issue(
    _ name: String, subject: String? = nil, names: String? = "DNS:localhost,IP:127.0.0.1", purpose: String? = nil,
    days: Int = 30, isAuthority: Bool = false
  ) throws -> TestCertificate {
    let issued = TestCertificate(
      certificate: folder.appending(path: "\(name).pem").path, key: folder.appending(path: "\(name).key").path)
    let request = folder.appending(path: "\(name).csr").path
    let extensions = folder.appending(path: "\(name).ext").path
    try Self.openssl(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-keyout", issued.key,
      "-out", request, "-subj", subject ?? "/CN=\(name)")
    let lines = [
      names.map { "subjectAltName=\($0)" }, purpose.map { "extendedKeyUsage=\($0)" },
      isAuthority ? "basicConstraints=critical,CA:TRUE" : nil,
    ].compactMap(\.self)
    try lines.joined(separator: "\n").write(toFile: extensions, atomically: true, encoding: .utf8)
    try Self.openssl(
      "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-days", "\(days)", "-extfile", extensions,
      "-out", issued.certificate)
    return issued
  }

  /// A file in the authority's folder with this content.
  func file(_ name: String, _ content: String) throws -> String {
    let path = folder.appending(path: name).path
    try content.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    return path
  }

  /// The same with bytes.
  func file(_ name: String, der bytes: [UInt8]) throws -> String {
    let path = folder.appending(path: name).path
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Signs bytes with its key, by SHA-256.
  func sign(_ bytes: [UInt8]) throws -> [UInt8] {
    let signed = try file("signed", der: bytes)
    try Self.openssl("dgst", "-sha256", "-sign", key, "-out", signed + ".signature", signed)
    return try [UInt8](Data(contentsOf: URL(filePath: signed + ".signature")))
  }

  /// Runs `openssl` and returns what it printed.
  @discardableResult
  static func openssl(_ arguments: String...) throws -> String { try openssl(arguments) }

  /// The same with a list.
  @discardableResult
  static func openssl(_ arguments: [String]) throws -> String {
    let report = FileManager.default.temporaryDirectory.appending(path: "plenary-openssl-\(UUID().uuidString)")
    try Data().write(to: report)
    // `try?`: what is left behind in the temporary folder is the system's to clean.
    defer { try? FileManager.default.removeItem(at: report) }
    let output = try FileHandle(forWritingTo: report)
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.files = [nil, output.fileDescriptor, output.fileDescriptor]
    let ending = try SpawnedProcess("/usr/bin/openssl", arguments, in: surroundings).wait()
    let text = try String(contentsOf: report, encoding: .utf8)
    guard ending == .exit(0) else { throw OpenSSLFailure(description: text) }
    return text
  }
}

/// The files of a certificate and its key.
struct TestCertificate {
  let certificate: String
  let key: String
}

struct OpenSSLFailure: Error, CustomStringConvertible {
  let description: String
}
