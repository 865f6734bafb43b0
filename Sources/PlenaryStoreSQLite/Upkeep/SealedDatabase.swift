internal import Crypto
internal import PlenaryStore
internal import Transparency

/// The database of a backup that is sealed to a key: a line that says so, the share of the key agreement, and the database in
/// parts of a fixed length, of which the last one can be shorter.
// SAFETY: buffers are lent for the length of one call.
enum SealedDatabase {
  private static let magic = Array("plenary sealed database 1\n".utf8)

  /// The bytes of a part before it is sealed.
  private static let partByteCount = 64 << 10

  /// Seals a database into another file.
  ///
  /// - Parameter header: What the database is of, as its manifest says.
  static func seal(
    _ database: String, to target: String, _ key: SealingKey, about header: [UInt8], watch: UpkeepWatch
  ) throws(Fault) {
    var sealer: Sealer
    do throws(SealBroken) {
      sealer = try Sealer(to: key, about: header)
    } catch {
      throw .refusal(.unavailable(reason: "nothing can be sealed to the key", outcomeUnknown: false))
    }
    try DurableFile.write(to: target) { append throws(Fault) in
      try append(magic + sealer.share)
      var parts = Parts(byteCount: partByteCount)
      func seal(_ part: [UInt8], isLast: Bool) throws(Fault) {
        let bytes: [UInt8]
        do throws(SealBroken) {
          bytes = try sealer.seal(part, isLast: isLast)
        } catch {
          throw .refusal(.unavailable(reason: "the database is too large to be sealed", outcomeUnknown: false))
        }
        try append(bytes)
      }
      try DurableFile.scan(database, watch: watch) { bytes throws(Fault) in
        try parts.take(bytes) { part throws(Fault) in try seal(part, isLast: false) }
      }
      try seal(parts.rest, isLast: true)
    }
  }

  /// Opens a sealed database, into another file if one is named, and returns length and SHA-256 of what it holds.
  /// - Throws: `corrupt` if it is sealed to another key, or is not as it was sealed, or is not what the header is of.
  static func unseal(
    _ sealed: String, to target: String?, _ key: UnsealingKey, about header: [UInt8], watch: UpkeepWatch
  ) throws(Fault) -> (byteCount: Int64, sha256: [UInt8]) {
    var hash = SHA256()
    var byteCount: Int64 = 0
    func open(_ append: ([UInt8]) throws(Fault) -> Void) throws(Fault) {
      var opener: Opener?
      var head: [UInt8] = []
      var parts = Parts(byteCount: partByteCount + Sealer.overhead)
      func open(_ part: [UInt8], isLast: Bool) throws(Fault) {
        // Why it does not open is told by nothing in it.
        guard let bytes = try? opener?.open(part, isLast: isLast) else { throw broken }
        unsafe bytes.withUnsafeBytes { buffer in unsafe hash.update(bufferPointer: buffer) }
        byteCount += Int64(bytes.count)
        try append(bytes)
      }
      try DurableFile.scan(sealed, watch: watch) { bytes throws(Fault) in
        var bytes = bytes
        if opener == nil {
          let missing = magic.count + Sealer.shareByteCount - head.count
          head += bytes.prefix(missing)
          bytes = bytes.dropFirst(missing)
          guard head.count == magic.count + Sealer.shareByteCount else { return }
          guard head.starts(with: magic) else { throw broken }
          // As above.
          opener = try? Opener(key, share: Array(head.dropFirst(magic.count)), about: header)
          if opener == nil { throw broken }
        }
        try parts.take(bytes) { part throws(Fault) in try open(part, isLast: false) }
      }
      try open(parts.rest, isLast: true)
    }
    if let target {
      try DurableFile.write(to: target) { append throws(Fault) in try open(append) }
    } else {
      try open { _ in }
    }
    return (byteCount, Array(hash.finalize()))
  }

  private static var broken: Fault {
    .refusal(
      .corrupt(reason: "it does not open: it is sealed to another key, or is not as it was sealed"))
  }

  /// Cuts what comes in pieces of any length into parts of one length.
  private struct Parts {
    let byteCount: Int

    /// What is left for the last part.
    private(set) var rest: [UInt8] = []

    init(byteCount: Int) {
      self.byteCount = byteCount
    }

    /// Takes a piece, and hands over the parts that are not the last one.
    mutating func take(_ piece: ArraySlice<UInt8>, _ each: ([UInt8]) throws(Fault) -> Void) throws(Fault) {
      rest += piece
      var start = 0
      while rest.count - start > byteCount {
        try each(Array(rest[start..<(start + byteCount)]))
        start += byteCount
      }
      rest.removeFirst(start)
    }
  }
}
