internal import Glibc
internal import PlenaryStore
internal import Transparency

/// The files of an access log: `access-0000000000000001.log` is named by its first batch, and `access.head` has the number
/// and the digest of the last batch of all, signed, so that an end that is cut off is missed.
///
/// A batch in a file is its length in four bytes, its canonical bytes, and the signature over them.
// SAFETY: paths and buffers are lent for the length of one call, with their own counts.
struct AccessFiles: Sendable {
  /// A batch that stands in a file.
  struct Found {
    let batch: AccessBatch
    let digest: [UInt8]
    let isSigned: Bool
  }

  /// What a file holds: its batches, and how many bytes they take. What comes after them is no batch.
  struct Contents {
    var batches: [Found] = []
    var byteCount = 0
    var hasRest = false
  }

  /// The end of the log.
  struct Head: Equatable {
    var number: UInt64 = 0
    var digest = AccessBatch.origin
  }

  /// The most bytes of a batch, and of a file, which ends with the batch by which it comes to its size.
  static let batchBytesMax = 64 << 20
  static let fileBytesMax = 128 << 20

  private static let signatureBytes = 64
  private static let digitCount = 16

  let directory: String

  /// What is verified with; nil says that every signature is right.
  let key: VerificationKey?

  private var headPath: String { "\(directory)/access.head" }

  /// The path of the file that begins with a batch.
  func path(_ first: UInt64) -> String {
    let digits = String(first)
    return "\(directory)/access-\(String(repeating: "0", count: max(0, Self.digitCount - digits.count)))\(digits).log"
  }

  /// The first batches of the files that are there, in order.
  var firsts: [UInt64] {
    let (prefix, suffix) = ("access-", ".log")
    return MemoryDirectories.names(in: directory).compactMap { name in
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
      return UInt64(name.dropFirst(prefix.count).dropLast(suffix.count))
    }.sorted()
  }

  // MARK: Reading

  /// What the file holds that begins with a batch.
  func contents(_ first: UInt64) throws(Fault) -> Contents {
    let bytes = try DurableFile.read(path(first), byteCountMax: Self.fileBytesMax)
    var contents = Contents()
    while contents.byteCount < bytes.count {
      let rest = bytes[contents.byteCount...]
      guard let (found, count) = batch(rest) else {
        contents.hasRest = true
        break
      }
      contents.batches.append(found)
      contents.byteCount += count
    }
    return contents
  }

  private func batch(_ bytes: ArraySlice<UInt8>) -> (found: Found, byteCount: Int)? {
    guard bytes.count > 4 else { return nil }
    let count = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    let whole = 4 + count + Self.signatureBytes
    guard count <= Self.batchBytesMax, bytes.count >= whole else { return nil }
    let payload = Array(bytes.dropFirst(4).prefix(count))
    guard let batch = AccessBatch(canonicalBytes: payload) else { return nil }
    let signature = Array(bytes.dropFirst(4 + count).prefix(Self.signatureBytes))
    let isSigned = key?.verifies(signature, over: payload, for: .accessBatch) ?? true
    return (Found(batch: batch, digest: AccessBatch.digest(of: payload), isSigned: isSigned), whole)
  }

  /// The end of the log as it was signed last; nil if there is none, or it is not signed.
  func head() throws(Fault) -> Head? {
    guard DurableFile.exists(headPath) else { return nil }
    let bytes = try DurableFile.read(headPath, byteCountMax: 4096)
    let (numberBytes, digestBytes) = (8, AccessBatch.origin.count)
    guard bytes.count == numberBytes + digestBytes + Self.signatureBytes else { return nil }
    let signed = Array(bytes.dropLast(Self.signatureBytes))
    guard key?.verifies(Array(bytes.suffix(Self.signatureBytes)), over: signed, for: .accessHead) ?? true else {
      return nil
    }
    return Head(
      number: signed.prefix(numberBytes).reduce(0) { $0 << 8 | UInt64($1) },
      digest: Array(signed.dropFirst(numberBytes)))
  }

  // MARK: Writing

  /// Adds a batch to the file that begins with a batch, makes it last, and then says that it is the end.
  ///
  /// That it is the end is written beside before: what finds no room leaves the log as it was.
  func append(_ batch: AccessBatch, to first: UInt64, _ key: SigningKey) throws(Fault) -> (head: Head, byteCount: Int) {
    let payload = batch.canonicalBytes
    var bytes = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - 8 * $0)) }
    bytes += payload
    bytes += key.signature(over: payload, for: .accessBatch)
    let head = Head(number: batch.number, digest: AccessBatch.digest(of: payload))
    try prepare(head, key)
    let path = path(first)
    let isNew = !DurableFile.exists(path)
    let fd = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw DurableFile.failure("open", path, errno) }
    defer { close(fd) }
    var status = stat()
    let before = unsafe fstat(fd, &status) == 0 ? status.st_size : 0
    do throws(Fault) {
      try DurableFile.append(bytes[...], to: fd, path)
      guard fsync(fd) == 0 else { throw DurableFile.failure("sync", path, errno) }
      if isNew { try DurableFile.sync(directory) }
      try DurableFile.move(preparedPath, to: headPath)
    } catch {
      // Half a batch, or one that is not said to be there, would stand in the way of the next one.
      ftruncate(fd, before)
      throw error
    }
    return (head, bytes.count)
  }

  private var preparedPath: String { headPath + ".part" }

  private func prepare(_ head: Head, _ key: SigningKey) throws(Fault) {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: head.number >> UInt64(56 - 8 * $0)) }
    bytes += head.digest
    bytes += key.signature(over: bytes, for: .accessHead)
    try DurableFile.write(bytes, to: preparedPath)
  }

  /// Cuts off what stands behind the batches of a file.
  func cut(_ first: UInt64, to byteCount: Int) { unsafe truncate(path(first), byteCount) }

  /// Gives up the file that begins with a batch.
  func remove(_ first: UInt64) { DurableFile.remove(path(first)) }

  // MARK: Verifying

  /// What in the files is not as it was written.
  func findings() throws(Fault) -> [VerifyReport.Finding] {
    var findings: [VerifyReport.Finding] = []
    func find(_ message: String) {
      guard findings.count < VerifyReport.findingCountMax else { return }
      findings.append(VerifyReport.Finding(nil, "the access log: \(message)"))
    }
    var last: Head?
    var (oldest, begin) = (UInt64(0), UInt64(0))
    for first in firsts {
      let contents = try contents(first)
      for found in contents.batches {
        let batch = found.batch
        if !found.isSigned { find("batch \(batch.number) is not signed by the registry's key") }
        if let last {
          if batch.number != last.number + 1 {
            find("batch \(batch.number) comes after batch \(last.number), and what was between is gone")
          } else if batch.previous != last.digest {
            find("batch \(batch.number) does not continue batch \(last.number), which was changed")
          }
        } else {
          begin = batch.number
        }
        oldest = batch.oldest
        last = Head(number: batch.number, digest: found.digest)
      }
      if contents.hasRest { find("\(path(first)) has bytes that are no batch, after batch \(last?.number ?? 0)") }
    }
    let head = try head()
    if let last {
      if begin > max(1, oldest) { find("it begins with batch \(begin), and those from \(oldest) on are gone") }
      if let head {
        // Whoever was stopped between the two has written the batch and not yet said so.
        if head != last, head.number + 1 != last.number {
          find("it ends with batch \(last.number), not \(head.number)")
        }
      } else {
        find("access.head is not there, or not signed by the registry's key, so that it is not known where it ends")
      }
    } else if head != nil || DurableFile.exists(headPath) {
      find("it ends with batch \(head?.number ?? 0), and there is none")
    }
    return findings
  }
}
