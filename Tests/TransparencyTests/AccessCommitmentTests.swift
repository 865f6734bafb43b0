import Testing
import Transparency

/// What heads say of the access log, and to whom.
@Suite struct AccessCommitmentTests {
  private static func key(_ byte: UInt8) throws -> SigningKey {
    try SigningKey(name: "registry", use: .log, seed: [UInt8](repeating: byte, count: 32))
  }

  private static func head(size: UInt64 = 3, time: Int = 9, further: [String] = []) -> Checkpoint {
    Checkpoint(
      origin: "registry", size: size, root: [UInt8](repeating: 5, count: 32), extensions: ["time \(time)"] + further)
  }

  private static let digest = [UInt8](repeating: 6, count: 32)

  @Test func `a head commits to one end of the log, which only the key can say`() throws {
    let key = try Self.key(1)
    let head = Self.head().committing(toNumber: 7, digest: Self.digest, by: key)
    #expect(head.extensions.count == 2 && head.extensions[1].hasPrefix("access ") && head.time == 9)
    #expect(try Checkpoint(head.text) == head)
    let commitment = AccessCommitment(of: head, by: key)
    #expect(commitment.digest(number: 7, digest: Self.digest) == head.accessCommitment)
    #expect(commitment.digest(number: 8, digest: Self.digest) != head.accessCommitment)
    #expect(commitment.digest(number: 7, digest: Self.digest.dropLast() + [7]) != head.accessCommitment)
    let other = try AccessCommitment(of: head, by: Self.key(2))
    #expect(other.digest(number: 7, digest: Self.digest) != head.accessCommitment)
    // It is the same whenever it is made, and takes the place of another one.
    #expect(head.committing(toNumber: 8, digest: Self.digest, by: key).extensions.count == 2)
    #expect(head.committing(toNumber: 7, digest: Self.digest, by: key) == head)
  }

  @Test func `heads do not tell whether the log has grown`() throws {
    let key = try Self.key(1)
    let heads = [Self.head(), Self.head(time: 10), Self.head(size: 4), Self.head(further: ["more"])]
    let lines = Set(heads.map { $0.committing(toNumber: 7, digest: Self.digest, by: key).accessCommitment })
    #expect(lines.count == heads.count && !lines.contains(nil))
  }

  @Test(arguments: [[], ["access"], ["access *"], ["access AAAA", "access AAAA"]])
  func `a head without a line, or with none that can be read, commits to nothing`(_ lines: [String]) {
    #expect(Self.head(further: lines).accessCommitment == nil)
  }

  @Test func `a head with a line is a signed note as one without, and a witness signs it`() throws {
    let (registry, witness) = (
      try Self.key(1), try SigningKey(name: "witness", use: .cosigner, seed: [UInt8](repeating: 2, count: 32))
    )
    for head in [Self.head(), Self.head().committing(toNumber: 7, digest: Self.digest, by: registry)] {
      var note = SignedNote(text: head.text)
      registry.sign(&note, time: 9)
      witness.sign(&note, time: 10)
      let read = try SignedNote(reading: note.description)
      #expect(registry.verification.verifies(read) && witness.verification.signingTimes(of: read) == [10])
      #expect(try Checkpoint(read.text) == head)
    }
  }
}
