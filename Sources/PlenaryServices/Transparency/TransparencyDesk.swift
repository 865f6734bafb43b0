internal import GoogleAPI
internal import PlenaryAPI
package import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime
package import Transparency

/// Signs the heads of the tree over the audit, and proves what is in it.
///
/// Sizes of the tree tell how much was written. Whoever does not see everything is therefore told of the tree as it stood at
/// a fixed time, the same one for everybody, and of no size that the tree has had since.
package struct TransparencyDesk: Sendable {
  /// How far apart the times are that heads are published of, if nothing else is said.
  package static let headIntervalDefault = Duration.seconds(3600)

  /// How much later than its time a head is published, as a part of the interval: by then what was committed at that time is
  /// there.
  private static let delayPart: Int64 = 60

  private let log: any TransparencyLog
  private let accessLog: (any AccessLogReader)?
  private let registry: Registry
  private let key: SigningKey
  private let headInterval: Duration
  private let now: @Sendable () -> CommitTime

  /// - Parameters:
  ///   - log: The store whose audit it is.
  ///   - accessLog: The access log, which heads commit to; nil if there is none.
  ///   - key: What heads are signed with. Its name is that of the tree.
  ///   - headInterval: How far apart the times are that heads are published of.
  ///   - now: The time that stands in the heads.
  package init(
    log: any TransparencyLog, accessLog: (any AccessLogReader)? = nil, registry: Registry, key: SigningKey,
    headInterval: Duration = headIntervalDefault, now: @escaping @Sendable () -> CommitTime
  ) {
    self.log = log
    self.accessLog = accessLog
    self.registry = registry
    self.key = key
    self.headInterval = headInterval
    self.now = now
  }

  /// The name of the tree of a store.
  package static func origin(of identity: StoreIdentity) -> String { "plenary.registry/\(identity.publicName)" }

  /// What a head is of.
  private enum Moment {
    /// The present, at this time.
    case now(CommitTime)
    /// The time of a published head.
    case published(CommitTime)

    var time: CommitTime {
      switch self {
      case .now(let time), .published(let time): time
      }
    }
  }

  /// The tree as the caller may know it, and the moment to sign.
  private func tree(for caller: Caller) async throws(DomainError) -> (head: PlenaryStore.TreeHead, moment: Moment) {
    let (seconds, attoseconds) = headInterval.components
    let (now, interval) = (now(), seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    let published = (now.microseconds - interval / Self.delayPart) / interval * interval
    let time = caller.viewer.seesEverything ? nil : CommitTime(microseconds: published)
    let head = try await domain { () async throws(StoreError) in try await log.treeHead(at: time) }
    return (head, time.map(Moment.published) ?? .now(now))
  }

  /// The tree as it is now; to whoever does not see everything, as it stood at the time of the last published head.
  func head(for caller: Caller) async throws(DomainError) -> PlenaryAPI.TreeHead {
    let (head, moment) = try await tree(for: caller)
    let checkpoint = try await checkpoint(head, of: moment)
    return .with {
      $0.checkpoint = checkpoint
      $0.origin = key.verification.name
      $0.treeSize = Int64(head.size)
      $0.rootHash = head.root
      $0.revision = registry.token(head.revision, for: caller)
      $0.signTime = ProtobufTimestamp(moment.time)
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
    let checkpoint = if size == nil { try await checkpoint(proof.head, of: .now(now())) } else { "" }
    return .with {
      $0.resource = request.name
      $0.revision = registry.token(revision)
      $0.leafIndex = Int64(proof.index)
      $0.treeSize = Int64(proof.head.size)
      $0.hashes = proof.hashes
      $0.rootHash = proof.head.root
      $0.entry = proof.entry
      if showsContent, let content = proof.content { ($0.salt, $0.content) = (content.salt, content.body) }
      $0.checkpoint = checkpoint
    }
  }

  /// Proves that one tree continues another. What has become of the tree since the last published head is told only to whoever
  /// sees everything.
  /// - Throws: `numberOutOfRange`.
  func consistency(
    _ request: GetConsistencyProofRequest, for caller: Caller
  ) async throws(DomainError) -> ConsistencyProof {
    let first = try Self.size(request.firstTreeSize, field: "first_tree_size") ?? 0
    let second = try Self.size(request.secondTreeSize, field: "second_tree_size")
    let (head, moment) = try await tree(for: caller)
    let size = second ?? head.size
    var hashes: [[UInt8]]?
    if first <= size, size <= head.size {
      hashes = try await domain { () async throws(StoreError) in try await log.consistency(from: first, to: size) }
    }
    guard let hashes else {
      throw DomainError(
        .init(
          first > size ? "first_tree_size" : "second_tree_size", .numberOutOfRange,
          "there is no published tree of \(max(first, size)) entries that continues one of \(min(first, size)); give the "
            + "sizes of heads, the earlier first", metadata: ["value": "\(max(first, size))"]))
    }
    let checkpoint = if second == nil { try await checkpoint(head, of: moment) } else { "" }
    return .with {
      $0.firstTreeSize = Int64(first)
      $0.secondTreeSize = Int64(size)
      $0.hashes = hashes
      $0.checkpoint = checkpoint
    }
  }

  /// A signed head. One that is published is the same whenever it is asked for, and so is what it commits to: the access log
  /// as it was at its time.
  private func checkpoint(_ head: PlenaryStore.TreeHead, of moment: Moment) async throws(DomainError) -> String {
    let seconds = UInt64(max(0, moment.time.microseconds / 1_000_000))
    var checkpoint = Checkpoint(
      origin: key.verification.name, size: head.size, root: head.root, extensions: ["time \(seconds)"])
    if let accessLog {
      let time: CommitTime? = if case .published(let time) = moment { time } else { nil }
      let end = try await domain { () async throws(StoreError) in try await accessLog.end(at: time) }
      checkpoint = checkpoint.committing(toNumber: end.number, digest: end.digest, by: key)
    }
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
