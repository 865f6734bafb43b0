internal import CSQLite3
internal import PlenaryStore
internal import Transparency

/// Looks for data that contradict themselves, through a connection on which a read transaction is open.
///
/// The chain of the audit is what everything is held against: a row of it that is not as it was written breaks the chain,
/// versions are held against the rows, and heads and index entries against the versions.
struct Verifier {
  /// How many rows are looked at between two questions whether anybody still waits.
  static let strideCount = 1024

  let connection: SQLiteConnection
  let watch: UpkeepWatch
  private(set) var findings: [VerifyReport.Finding] = []
  private var auditRowCount = 0

  /// The last revision that a part has got to.
  private var place: Int64 = 0

  /// The most findings about pages, which name no revision: there is room left for those that do.
  private static let pageFindingCountMax = 5

  init(_ connection: SQLiteConnection, watch: UpkeepWatch) {
    self.connection = connection
    self.watch = watch
    connection.interrupt(when: watch.isGivenUp)
  }

  /// Verifies the store.
  /// - Throws: what keeps it from being verified; what is wrong with the data is a finding.
  mutating func run(_ depth: VerifyDepth, now: CommitTime) throws(Fault) -> VerifyReport {
    let meta = try Meta(connection)
    var versionCount = 0
    try collecting { verifier throws(Fault) in try verifier.checkPages() }
    try collecting(from: { $0.place + 1 }) { verifier throws(Fault) in try verifier.checkChain(meta) }
    if depth == .full {
      place = 0
      // What keeps them from being read is probably what the chain has broken by, and where that is has been told.
      let isTold = findings.contains { $0.revision != nil }
      try collecting(from: { isTold ? nil : $0.place + 1 }) { verifier throws(Fault) in
        versionCount = try verifier.checkVersions(meta)
      }
      try collecting { verifier throws(Fault) in
        var check = try RecordCheck(verifier, meta)
        try check.run()
        verifier.findings = check.verifier.findings
      }
    }
    return VerifyReport(
      depth: depth, identity: meta.identity, revision: Revision(meta.revision), auditRowCount: auditRowCount,
      versionCount: versionCount, time: now, findings: findings)
  }

  /// Notes what is wrong, unless enough is known already.
  mutating func find(_ revision: Int64?, _ message: String) {
    guard findings.count < VerifyReport.findingCountMax else { return }
    findings.append(VerifyReport.Finding(revision.map { Revision(UInt64(bitPattern: $0)) }, message))
  }

  /// Whether a revision is known not to be as it was written.
  func hasFinding(_ revision: Int64) -> Bool {
    findings.contains { $0.revision == Revision(UInt64(bitPattern: revision)) }
  }

  /// Tells how far a stage has come, and stops if nobody waits.
  func pace(_ stage: UpkeepProgress.Stage, _ done: Int, of total: Int64) throws(Fault) {
    guard done.isMultiple(of: Self.strideCount) else { return }
    if watch.isGivenUp() { throw .givenUp }
    watch.report(UpkeepProgress(stage, done: Int64(done), of: total))
  }

  /// Does a part; pages that cannot be read are a finding as well.
  ///
  /// - Parameter revision: The first revision that the part has not got to when it ends by an error.
  private mutating func collecting(
    from revision: ((Verifier) -> Int64?)? = nil, _ part: (inout Verifier) throws(Fault) -> Void
  ) throws(Fault) {
    do throws(Fault) {
      try part(&self)
    } catch {
      switch error {
      case .refusal(.corrupt(let reason)): find(revision.flatMap { $0(self) }, reason)
      case .sqlite(let code, let message) where [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xFF):
        find(revision.flatMap { $0(self) }, "SQLite cannot read it: \(message)")
      case .sqlite(let code, _) where code & 0xFF == SQLITE_INTERRUPT: throw .givenUp
      default: throw error
      }
    }
  }

  // MARK: Pages

  private mutating func checkPages() throws(Fault) {
    watch.report(UpkeepProgress(.pages, done: 0, of: 0))
    let row = try connection.prepare("PRAGMA quick_check(\(Self.pageFindingCountMax))")
    while try row.step() {
      if row.text(0) != "ok" { find(nil, "SQLite: \(row.text(0))") }
    }
  }

  // MARK: The chain

  /// Computes the chain again. Nothing after its first break can be trusted, so it ends there.
  private mutating func checkChain(_ meta: Meta) throws(Fault) {
    // Counting them would read all pages, and fail before it is known which row is behind a damaged one.
    let total = Int64(meta.revision)
    let row = try connection.prepare(
      """
      SELECT \(AuditTree.columns), u.hash,
        typeof(u.k) = 'text' AND typeof(u.hash) = 'blob' AND typeof(u.reason) IN ('text', 'null')
          AND typeof(u.idem) IN ('blob', 'null') AND typeof(u.req_hash) IN ('blob', 'null')
          AND typeof(u.body_sha) IN ('blob', 'null')
      FROM audit u LEFT JOIN actor a ON a.id = u.actor ORDER BY u.rev
      """)
    var chain = AuditLink.origin
    var tree = MerkleFrontier()
    var nodes: Set<MerkleFrontier.Node> = []
    var last: Int64 = 0
    while try row.step() {
      try pace(.chain, auditRowCount, of: total)
      let revision = row.integer(0)
      let state = row.integer(4)
      // Only a restore leaves numbers out.
      guard revision == last + 1 || state == Int64(AuditLink.restored) && revision > last else {
        return find(last + 1, "the audit has no row for it")
      }
      let link = AuditLink(row)
      let hash = link.hash(after: chain)
      guard hash == row.blob(10), state == Int64(link.state), row.integer(11) == 1 else {
        return find(revision, "the chain of the audit breaks: the row is not as it was written")
      }
      chain = hash
      last = revision
      place = revision
      auditRowCount += 1
      tree.append(leaf: MerkleTree.leaf(link.canonicalBytes), leastLevel: AuditTree.leastLevel) { nodes.insert($0) }
    }
    if last != Int64(meta.revision) {
      find(last + 1, "the audit does not reach as far as the store")
    } else if chain != meta.chain {
      find(last, "the chain of the audit does not end in the hash that the store keeps")
    }
    if meta.schema >= Schema.trees { try checkTree(nodes) }
  }

  /// Holds the tree that is kept against the one over the rows. Its last blocks can be missing, if an older program has
  /// written their rows.
  private mutating func checkTree(_ nodes: Set<MerkleFrontier.Node>) throws(Fault) {
    let row = try connection.prepare("SELECT level, number, rev, hash FROM tree ORDER BY level, number")
    var blockCount: UInt64 = 0
    var kept: Set<MerkleFrontier.Node> = []
    while try row.step() {
      let node = MerkleFrontier.Node(
        level: Int(row.integer(0)), number: UInt64(bitPattern: row.integer(1)), hash: row.blob(3))
      guard nodes.contains(node) else {
        return find(row.integer(2), "the tree over the audit is not the one of its rows up to here")
      }
      kept.insert(node)
      if node.level == AuditTree.leastLevel { blockCount += 1 }
    }
    let isWhole = nodes.allSatisfy { node in
      let blocks = UInt64(1) << UInt64(node.level - AuditTree.leastLevel)
      return (node.number + 1) * blocks > blockCount || kept.contains(node)
    }
    if !isWhole { find(nil, "the tree over the audit lacks a part") }
  }

  // MARK: Versions

  /// Holds every version against its row of the audit, and its body against its digest. Returns how many there are.
  private mutating func checkVersions(_ meta: Meta) throws(Fault) -> Int {
    let total = Int64(meta.revision)
    let row = try connection.prepare(
      """
      SELECT u.rev, v.rev, u.txn = v.txn AND u.ts = v.ts AND u.actor = v.actor AND u.op & 7 = v.op AND u.k = v.k,
        u.op, u.body_sha, v.salt, v.body, v.entries IS NULL,
        typeof(v.prev) <> 'integer' OR typeof(v.acl) <> 'integer' OR typeof(v.born) <> 'integer'
          OR typeof(v.made) <> 'integer' OR typeof(v.maker) <> 'integer'
          OR typeof(v.k) <> 'text' OR typeof(v.gone) NOT IN ('integer', 'null')
          OR typeof(v.entries) NOT IN ('blob', 'null') OR typeof(v.salt) NOT IN ('blob', 'null')
          OR typeof(v.body) NOT IN ('blob', 'null')
      FROM audit u LEFT JOIN ver v ON v.rev = u.rev ORDER BY u.rev
      """)
    var count = 0
    while try row.step() {
      let revision = row.integer(0)
      place = revision
      guard !row.isNull(1) else {
        let mayBeGone = row.integer(3) == Int64(AuditLink.restored) || revision <= Int64(meta.compacted)
        if !mayBeGone { find(revision, "the audit has a row for it, and there is no version") }
        continue
      }
      count += 1
      try pace(.versions, count, of: total)
      guard row.integer(2) == 1 else {
        find(revision, "the version is not what the audit says of it")
        continue
      }
      let isErased = row.isNull(6)
      // Whether it was to be so is seen together with the versions after it.
      let isRedacted = !isErased && row.isNull(5)
      guard row.isNull(5) == isErased || isRedacted, (row.integer(7) == 1) == isErased, row.integer(8) == 0 else {
        find(revision, "the version lacks a part of what it holds")
        continue
      }
      guard row.isNull(4) == (row.integer(3) == Int64(RecordState.purged.rawValue)), !row.isNull(4) || isErased else {
        find(revision, "the version has a body where there can be none")
        continue
      }
      if !isErased, !isRedacted, AuditLink.bodyDigest(salt: row.blob(5), body: row.blob(6)) != row.blob(4) {
        find(revision, "the body is not the one whose digest stands in the audit")
      }
    }
    let kept = try connection.integer("SELECT count(*) FROM ver") ?? 0
    let strays = try connection.prepare(
      "SELECT rev FROM ver v WHERE NOT EXISTS (SELECT 1 FROM audit u WHERE u.rev = v.rev) ORDER BY rev LIMIT 1")
    if count != Int(kept), try strays.step() { find(strays.integer(0), "the audit has no row for the version") }
    return Int(kept)
  }
}

/// Which store it is and where it stands, as its one row says.
struct Meta {
  let identity: StoreIdentity
  let revision: UInt64
  let compacted: UInt64
  let chain: [UInt8]
  let schema: Int

  init(_ connection: SQLiteConnection) throws(Fault) {
    let row = try connection.prepare("SELECT store_id, epoch, rev, compacted, chain, schema FROM meta")
    guard try row.step() else { throw .refusal(.corrupt(reason: "the store has lost its meta row")) }
    identity = StoreIdentity(id: row.blob(0), epoch: UInt32(truncatingIfNeeded: row.integer(1)))
    revision = UInt64(bitPattern: row.integer(2))
    compacted = UInt64(bitPattern: row.integer(3))
    chain = row.blob(4)
    schema = Int(row.integer(5))
  }
}
