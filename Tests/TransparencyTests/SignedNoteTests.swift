import Testing
import Transparency

/// Notes, keys and heads as they are written down.
@Suite struct SignedNoteTests {
  /// The example of the Go package golang.org/x/mod/sumdb/note.
  private static let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  private static let verification = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  private static let note = """
    If you think cryptography is the answer to your problem,
    then you don't know what your problem is.

    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

    """

  @Test func `a note of another implementation is verified`() throws {
    let note = try SignedNote(reading: Self.note)
    #expect(note.description == Self.note)
    #expect(try VerificationKey(Self.verification).verifies(note))
    let key = try SigningKey(Self.secret)
    #expect(key.verification.description == Self.verification)
    #expect(key.secretText == Self.secret)
    var changed = try SignedNote(reading: Self.note.replacing("cryptography", with: "Cryptography"))
    #expect(!key.verification.verifies(changed))
    key.sign(&changed, time: 0)
    #expect(changed.signatures.count == 1)
    #expect(key.verification.verifies(changed))
  }

  @Test func `a witness signs with the time`() throws {
    let registry = try SigningKey(name: "registry", use: .log, seed: [UInt8](repeating: 1, count: 32))
    let witness = try SigningKey(name: "witness", use: .cosigner, seed: [UInt8](repeating: 2, count: 32))
    let head = Checkpoint(origin: "registry", size: 3, root: [UInt8](repeating: 5, count: 32), extensions: ["time 9"])
    var note = SignedNote(text: head.text)
    registry.sign(&note, time: 9)
    #expect(!witness.verification.verifies(note))
    witness.sign(&note, time: 77)
    let read = try SignedNote(reading: note.description)
    #expect(read == note)
    #expect(try Checkpoint(read.text) == head)
    #expect(registry.verification.signingTimes(of: read) == [])
    #expect(witness.verification.signingTimes(of: read) == [77])
    // The key of a registry is not one of a witness, even with the same bytes.
    let same = try SigningKey(name: "witness", use: .log, seed: [UInt8](repeating: 2, count: 32))
    #expect(same.verification.id != witness.verification.id)
    #expect(!same.verification.verifies(read))
  }

  @Test(arguments: [
    "", "text", "text\n", "text\n\n", "text\n\n— a\n", "text\n\n— a AAAA\n", "text\n\n- a AAAAAAAA\n",
    "text\n\n— a AAAAAAAA", "text\n\n— a+b AAAAAAAA\n", "text\n\n— a b AAAAAAAA\n", "text\n\n— a AAAA*AAA\n",
  ])
  func `what is no note is refused`(_ text: String) {
    #expect(throws: SignedNote.Malformed.self) { _ = try SignedNote(reading: text) }
  }

  @Test func `the size of a note has a limit`() throws {
    let line = "— a AAAAAAAA\n"
    let most = String(repeating: line, count: SignedNote.signatureCountMax)
    #expect(try SignedNote(reading: "text\n\n" + most).signatures.count == SignedNote.signatureCountMax)
    #expect(throws: SignedNote.Malformed.self) { _ = try SignedNote(reading: "text\n\n" + most + line) }
    func note(_ count: Int) -> String {
      String(repeating: "x", count: count - "\n\n\(line)".utf8.count) + "\n\n" + line
    }
    #expect(throws: Never.self) { _ = try SignedNote(reading: note(SignedNote.byteCountMax)) }
    #expect(throws: SignedNote.Malformed.self) { _ = try SignedNote(reading: note(SignedNote.byteCountMax + 1)) }
  }

  @Test(arguments: [
    "", "a", "a+b+c", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T=",
    "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  ])
  func `what is no key is refused`(_ text: String) {
    #expect(throws: VerificationKey.Malformed.self) { _ = try VerificationKey(text) }
    #expect(throws: VerificationKey.Malformed.self) { _ = try SigningKey("PRIVATE+KEY+" + text) }
  }

  @Test func `a name of a key has a limit`() throws {
    let seed = [UInt8](repeating: 0, count: 32)
    let longest = String(repeating: "n", count: 255)
    #expect(throws: Never.self) { _ = try SigningKey(name: longest, use: .log, seed: seed) }
    for name in [longest + "n", "", "a b", "a+b", "é"] {
      #expect(throws: VerificationKey.Malformed.self) { _ = try SigningKey(name: name, use: .log, seed: seed) }
    }
    #expect(throws: VerificationKey.Malformed.self) { _ = try SigningKey(name: "n", use: .log, seed: [1]) }
  }

  @Test(arguments: [
    "a\n1\n", "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "\n1\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAAA\n",
  ])
  func `what is no head is refused`(_ text: String) {
    #expect(throws: SignedNote.Malformed.self) { _ = try Checkpoint(text) }
  }

  @Test func `the size of a tree has a limit`() throws {
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    #expect(try Checkpoint("a\n\(Checkpoint.sizeMax)\n\(root)\n").size == Checkpoint.sizeMax)
    #expect(throws: SignedNote.Malformed.self) { _ = try Checkpoint("a\n\(Checkpoint.sizeMax + 1)\n\(root)\n") }
  }

  @Test func `a row of the audit is read from its bytes`() {
    for reason in [nil, "why", ""] {
      let link = AuditLink(
        revision: 7, transaction: 9, time: -5, actor: "clients/a", state: 2, key: "themes/x", requestID: [1, 2],
        requestHash: nil, bodyDigest: [3], reason: reason)
      let read = AuditLink(canonicalBytes: link.canonicalBytes)
      #expect(read?.canonicalBytes == link.canonicalBytes)
      #expect(read?.key == "themes/x" && read?.time == -5 && read?.reason == reason)
      #expect(AuditLink(canonicalBytes: link.canonicalBytes + [0]) == nil)
      for count in 0..<link.canonicalBytes.count {
        #expect(AuditLink(canonicalBytes: Array(link.canonicalBytes.prefix(count))) == nil)
      }
    }
  }
}
