internal import Glibc
internal import NIOSSL

/// A PEM file of certificates or of a key, read to the end or refused with one line that names it.
struct TLSFile {
  /// The longest file read. The authorities of a whole system are a quarter of it.
  static let bytesMax = 1024 * 1024

  let path: String
  /// What the file is for: `certificate`, `private key`, `authorities`.
  let purpose: String

  /// All certificates of the file, in its order.
  func certificates() throws(TransportError) -> [NIOSSLCertificate] {
    let bytes = try read()
    guard contains("-----BEGIN CERTIFICATE-----", bytes) else {
      throw failure(isPEM(bytes) ? "holds no certificate" : Self.notPEM)
    }
    do {
      return try NIOSSLCertificate.fromPEMBytes(bytes)
    } catch {
      throw failure("holds a certificate that cannot be read; was it cut off or edited?")
    }
  }

  /// The first private key of the file.
  func privateKey() throws(TransportError) -> NIOSSLPrivateKey {
    let bytes = try read()
    guard contains("PRIVATE KEY-----", bytes) else {
      throw failure(isPEM(bytes) ? "holds no private key" : Self.notPEM)
    }
    guard !contains("ENCRYPTED", bytes) else {
      throw failure(
        "is encrypted, and nobody is there to type its passphrase; write it with: openssl pkey -in … -out …")
    }
    let key: NIOSSLPrivateKey
    do {
      // Without a passphrase callback the library would ask on the terminal.
      key = try NIOSSLPrivateKey(bytes: bytes, format: .pem) { (answer: NIOSSLPassphraseSetter<[UInt8]>) in answer([])
      }
    } catch {
      throw failure("holds a private key that cannot be read; was it cut off or edited?")
    }
    // Last, so that what is no key is told to be none.
    if let problem = FileModes.problem(ofSecret: path) { throw failure(problem) }
    return key
  }

  private static let notPEM = "is not PEM; convert it with: openssl x509 -inform der (or: openssl pkey -inform der)"

  func failure(_ what: String) -> TransportError {
    TransportError(.badTLSFile, "the \(purpose) file \(path) \(what)")
  }

  private func isPEM(_ bytes: [UInt8]) -> Bool {
    contains("-----BEGIN ", bytes)
  }

  private func contains(_ text: String, _ bytes: [UInt8]) -> Bool {
    bytes.contains(Array(text.utf8))
  }

  /// The bytes of the file.
  // SAFETY: the system writes into the room it is lent for the length of one call, and no more than it is told.
  func read(bytesMax: Int = TLSFile.bytesMax) throws(TransportError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
    var count = 0
    while count < bytes.count {
      let read = unsafe bytes.withUnsafeMutableBytes { room in
        unsafe Glibc.read(descriptor, room.baseAddress.map { unsafe $0 + count }, room.count - count)
      }
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw failure(errno) }
      if read == 0 { break }
      count += read
    }
    guard count <= bytesMax else { throw failure("is longer than \(bytesMax) bytes") }
    guard count > 0 else { throw failure("is empty") }
    return Array(bytes.prefix(count))
  }

  // SAFETY: `strerror` returns a string that is valid until this thread calls it again.
  private func failure(_ number: CInt) -> TransportError {
    switch number {
    case ENOENT: failure("does not exist")
    case EACCES, EPERM: failure("may not be read by this user; give the user of this process the right to read it")
    case EISDIR: failure("is a directory")
    default: failure("cannot be read: \(unsafe String(cString: strerror(number)))")
    }
  }
}
