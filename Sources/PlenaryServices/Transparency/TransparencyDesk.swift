internal import GoogleAPI
internal import PlenaryAPI
package import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime
package import Transparency

/// Signs the heads of the tree over the audit, and proves what is in it.
package struct TransparencyDesk: Sendable {
  private let log: any TransparencyLog
  private let registry: Registry
  private let key: SigningKey
  private let now: @Sendable () -> CommitTime

  /// - Parameters:
  ///   - log: The store whose audit it is.
  ///   - key: What heads are signed with. Its name is that of the tree.
  ///   - now: The time that stands in the heads.
  package init(
    log: any TransparencyLog, registry: Registry, key: SigningKey, now: @escaping @Sendable () -> CommitTime
  ) {
    self.log = log
    self.registry = registry
    self.key = key
    self.now = now
  }

  /// The name of the tree of a store.
  package static func origin(of identity: StoreIdentity) -> String { "plenary.registry/\(identity.publicName)" }

  /// The tree as it is now.
  func head() async throws(DomainError) -> PlenaryAPI.TreeHead {
    let head = try await domain { () async throws(StoreError) in try await log.treeHead() }
    let time = now()
    return .with {
      $0.checkpoint = checkpoint(head, at: time)
      $0.origin = key.verification.name
      $0.treeSize = Int64(head.size)
      $0.rootHash = head.root
      $0.revision = registry.token(head.revision)
      $0.signTime = ProtobufTimestamp(time)
      $0.verificationKey = key.verification.description
    }
  }

  /// Proves that a version of a record is in the tree.
  /// - Throws: what `Registry.provenRevision` throws, and `numberOutOfRange`.
  func inclusion(
    _ request: GetInclusionProofRequest, as caller: Caller
  ) async throws(DomainError) -> InclusionProof {
    let size = try Self.size(request.treeSize, field: "tree_size")
    let (revision, showsContent) = try await registry.provenRevision(request, as: caller)
    let proof = try await domain { () async throws(StoreError) in try await log.inclusion(of: revision, size: size) }
    guard let proof else {
      throw DomainError(
        .init(
          "tree_size", .numberOutOfRange,
          "the tree of \(request.treeSize) entries has not got the version; give the size of a later head, or 0",
          metadata: ["value": "\(request.treeSize)"]))
    }
    return .with {
      $0.resource = request.name
      $0.revision = registry.token(revision)
      $0.leafIndex = Int64(proof.index)
      $0.treeSize = Int64(proof.head.size)
      $0.hashes = proof.hashes
      $0.rootHash = proof.head.root
      $0.entry = proof.entry
      if showsContent, let content = proof.content { ($0.salt, $0.content) = (content.salt, content.body) }
      $0.checkpoint = size == nil ? checkpoint(proof.head, at: now()) : ""
    }
  }

  /// Proves that one tree continues another.
  /// - Throws: `numberOutOfRange`.
  func consistency(_ request: GetConsistencyProofRequest) async throws(DomainError) -> ConsistencyProof {
    let first = try Self.size(request.firstTreeSize, field: "first_tree_size") ?? 0
    let second = try Self.size(request.secondTreeSize, field: "second_tree_size")
    var head: PlenaryStore.TreeHead?
    if second == nil { head = try await domain { () async throws(StoreError) in try await log.treeHead() } }
    let size = second ?? head?.size ?? 0
    let hashes = try await domain { () async throws(StoreError) in try await log.consistency(from: first, to: size) }
    guard let hashes else {
      throw DomainError(
        .init(
          first > size ? "first_tree_size" : "second_tree_size", .numberOutOfRange,
          "there is no tree of \(max(first, size)) entries that continues one of \(min(first, size)); give the sizes of "
            + "heads, the earlier first", metadata: ["value": "\(max(first, size))"]))
    }
    return .with {
      $0.firstTreeSize = Int64(first)
      $0.secondTreeSize = Int64(size)
      $0.hashes = hashes
      $0.checkpoint = head.map { checkpoint($0, at: now()) } ?? ""
    }
  }

  private func checkpoint(_ head: PlenaryStore.TreeHead, at time: CommitTime) -> String {
    let seconds = UInt64(max(0, time.microseconds / 1_000_000))
    let checkpoint = Checkpoint(
      origin: key.verification.name, size: head.size, root: head.root, extensions: ["time \(seconds)"])
    var note = SignedNote(text: checkpoint.text)
    key.sign(&note, time: seconds)
    return note.description
  }

  /// A size that a request gives; nil for none.
  private static func size(_ number: Int64, field: String) throws(DomainError) -> UInt64? {
    guard number >= 0 else {
      throw DomainError(
        .init(
          field, .numberOutOfRange, "it is \(number); a tree has 0 or more entries",
          metadata: ["value": "\(number)", "min": "0"]))
    }
    return number == 0 ? nil : UInt64(number)
  }
}
