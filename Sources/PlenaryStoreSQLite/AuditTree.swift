internal import PlenaryStore
internal import Transparency

/// The tree over the rows of the audit, as far as it is kept: an entry for each row, in the order of revisions.
enum AuditTree {
  /// The least level that is kept. What lies below is computed from the rows, of which there are at most 2^level then.
  static let leastLevel = 8

  /// The rows of a block, the least subtree that is kept.
  static let blockCount = UInt64(1) << UInt64(leastLevel)

  /// Keeps a subtree.
  static let insertion = "INSERT INTO tree(level, number, rev, hash) VALUES(?, ?, ?, ?)"

  /// How many blocks are kept: all from the first one on.
  static let blockCountQuery = "SELECT ifnull(max(number) + 1, 0) FROM tree WHERE level = \(leastLevel)"

  /// The columns of an audit's row `u` with its actor `a`, as `AuditLink` reads them.
  static let columns = "u.rev, u.txn, u.ts, a.name, u.op, u.k, u.idem, u.req_hash, u.body_sha, u.reason"

  /// The rows after one, up to a number of them.
  static let rows = """
    SELECT \(columns) FROM audit u LEFT JOIN actor a ON a.id = u.actor WHERE u.rev > ? ORDER BY u.rev LIMIT ?
    """

  /// The rows that a store of an older program takes over at a time.
  private static let batchCount = 10_000

  /// Adds a row that has been written, as its canonical bytes, in the same transaction.
  static func append(
    _ row: [UInt8], of revision: UInt64, to tree: inout MerkleFrontier, _ insertion: SQLiteStatement
  ) throws(Fault) {
    try tree.append(leaf: MerkleTree.leaf(row), leastLevel: leastLevel) { node throws(Fault) in
      try insertion.bind(Int64(node.level)).bind(Int64(node.number)).bind(Int64(revision)).bind(node.hash).run()
    }
  }

  /// The edge of the tree, before anybody writes. Rows that are not in it, since an older program or a restore has
  /// written them, are added.
  static func load(_ connection: SQLiteConnection) throws(Fault) -> MerkleFrontier {
    var (tree, last) = try kept(connection)
    let insertion = try connection.prepare(Self.insertion)
    let rows = try connection.prepare(Self.rows)
    while true {
      try connection.execute("BEGIN IMMEDIATE")
      var count = 0
      rows.bind(last).bind(Int64(batchCount))
      while try rows.step() {
        let link = AuditLink(rows)
        try append(link.canonicalBytes, of: link.revision, to: &tree, insertion)
        last = Int64(link.revision)
        count += 1
      }
      rows.reset()
      try connection.execute("COMMIT")
      if count < batchCount { return tree }
    }
  }

  /// The part of the tree that is kept, which ends with a block, and its last row.
  private static func kept(_ connection: SQLiteConnection) throws(Fault) -> (tree: MerkleFrontier, last: Int64) {
    let blocks = UInt64(try connection.integer(blockCountQuery) ?? 0)
    // A block that is missing in between would be found only by a proof that needs it.
    guard try connection.integer("SELECT count(*) FROM tree WHERE level = \(leastLevel)") == Int64(blocks) else {
      throw missing
    }
    var peaks: [[UInt8]] = []
    let node = try connection.prepare("SELECT hash FROM tree WHERE level = ? AND number = ?")
    for bit in stride(from: 63 - leastLevel, through: 0, by: -1) where blocks >> UInt64(bit) & 1 == 1 {
      defer { node.reset() }
      let number = (blocks >> UInt64(bit)) - 1
      guard try node.bind(Int64(bit + leastLevel)).bind(Int64(number)).step() else { throw missing }
      peaks.append(node.blob(0))
    }
    let last =
      blocks == 0
      ? 0 : try connection.integer("SELECT rev FROM tree WHERE level = \(leastLevel) AND number = \(blocks - 1)")
    guard let last else { throw missing }
    return (MerkleFrontier(size: blocks * blockCount, peaks: peaks), last)
  }

  /// A subtree is not where it has to be.
  static var missing: Fault { .refusal(.corrupt(reason: "the tree over the audit lacks a part")) }
}

extension AuditLink {
  /// Reads the columns `AuditTree.columns`.
  init(_ row: SQLiteStatement) {
    func blob(_ column: Int32) -> [UInt8]? { row.isNull(column) ? nil : row.blob(column) }
    self.init(
      revision: UInt64(row.integer(0)), transaction: UInt64(bitPattern: row.integer(1)), time: row.integer(2),
      actor: row.text(3), state: UInt8(truncatingIfNeeded: row.integer(4)), key: row.text(5), requestID: blob(6),
      requestHash: blob(7), bodyDigest: blob(8), reason: row.isNull(9) ? nil : row.text(9))
  }
}
