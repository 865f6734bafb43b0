internal import Foundation
internal import PlenaryClient
internal import ProtobufRuntime
internal import Transparency

/// A version of a record that is proven to be in the tree of a head.
struct ProvenVersion {
  /// The row of the audit.
  let link: AuditLink

  /// The proof.
  let proof: InclusionProof

  /// The head.
  let checkpoint: Checkpoint

  /// Verifies a proof.
  /// - Throws: a `Failure` that says what does not hold.
  init(_ proof: InclusionProof, in checkpoint: Checkpoint) throws(Failure) {
    guard let link = AuditLink(canonicalBytes: proof.entry) else {
      throw Failure(.differs, "the entry of the proof is no row of an audit")
    }
    guard proof.treeSize >= 0, UInt64(proof.treeSize) == checkpoint.size else {
      throw Failure(
        .differs, "the proof is in a tree of \(proof.treeSize) entries, and the head is of \(checkpoint.size)",
        advice: "get a proof for this head with plenary audit prove --head")
    }
    guard
      proof.leafIndex >= 0,
      MerkleTree.holds(
        inclusion: proof.hashes, of: MerkleTree.leaf(proof.entry), at: UInt64(proof.leafIndex), size: checkpoint.size,
        root: checkpoint.root)
    else { throw Failure(.differs, "the proof does not lead to the root of the head: the entry is not in that tree") }
    guard link.key == proof.resource else {
      throw Failure(.differs, "the entry is about \(TerminalText.oneLine(link.key)), and not \(proof.resource)")
    }
    if !proof.content.isEmpty, AuditLink.bodyDigest(salt: proof.salt, body: proof.content) != link.bodyDigest {
      throw Failure(.differs, "the content is not the one whose digest stands in the entry")
    }
    self.link = link
    self.proof = proof
    self.checkpoint = checkpoint
  }

  /// When the version was written, in UTC.
  var time: String {
    let (seconds, rest) = link.time.quotientAndRemainder(dividingBy: 1_000_000)
    return PointInTime.words(ProtobufTimestamp(seconds: seconds, nanos: Int32(rest) * 1000))
  }

  /// What is proven, for people.
  var sheet: Sheet {
    var sheet = Sheet()
    sheet.add("record", proof.resource)
    sheet.add("written", "\(time) by \(TerminalText.oneLine(link.actor))")
    if let reason = link.reason { sheet.add("reason", TerminalText.oneLine(reason)) }
    sheet.add(
      "content",
      proof.content.isEmpty ? "not in the proof" : "as it was written, \(ByteCount.words(Int64(proof.content.count)))")
    sheet.add("entry", "\(proof.leafIndex) of \(checkpoint.size)")
    sheet.add("tree", checkpoint.origin)
    return sheet
  }
}

extension Session {
  /// The head of the daemon's tree.
  func treeHead() async throws -> TreeHead {
    try await withRegistry { registry in
      try await TransparencyServiceClient(registry.client.channel)
        .getTreeHead(GetTreeHeadRequest(), options: registry.options)
    }
  }

  /// The head of now, once the daemon has proven that it continues one that was kept.
  func headContinuing(
    _ kept: Checkpoint, _ keys: AuditKeys
  ) async throws -> (note: SignedNote, size: UInt64) {
    let proof = try await withRegistry { registry in
      try await TransparencyServiceClient(registry.client.channel).getConsistencyProof(
        .with { $0.firstTreeSize = Int64(clamping: kept.size) }, options: registry.options)
    }
    // A witness signs what the registry has signed, and need not have done so yet.
    var registry = keys
    registry.cosigner = []
    let note = try registry.note(proof.checkpoint, called: "the daemon's head")
    let now = try AuditText.checkpoint(note, called: "the daemon's head")
    guard now.origin == kept.origin else {
      throw Failure(.differs, "the daemon's tree is \(now.origin), and the head is of \(kept.origin)")
    }
    guard
      MerkleTree.holds(consistency: proof.hashes, from: kept.size, kept.root, to: now.size, now.root)
    else {
      throw Failure(
        .differs, "the tree of now does not continue the one of the head: what was before has been changed",
        advice: "keep both heads as evidence, and ask those who run the registry")
    }
    return (note, now.size)
  }
}
