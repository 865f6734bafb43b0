internal import PlenaryStore
internal import Transparency

/// The statements that read the tree over the audit.
final class TreeStatements {
  /// A subtree that is kept: its hash, and the last of its rows.
  let node: SQLiteStatement

  /// How many blocks are kept.
  let blockCount: SQLiteStatement

  /// The rows after one.
  let rows: SQLiteStatement

  /// How many rows there are after one, up to another.
  let rowCount: SQLiteStatement

  /// What a version holds.
  let content: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    node = try connection.prepare("SELECT hash, rev FROM tree WHERE level = ? AND number = ?")
    blockCount = try connection.prepare(AuditTree.blockCountQuery)
    rows = try connection.prepare(AuditTree.rows)
    rowCount = try connection.prepare("SELECT count(*) FROM audit WHERE rev > ? AND rev <= ?")
    content = try connection.prepare("SELECT salt, body FROM ver WHERE rev = ?")
  }
}

/// The tree over the audit as one transaction sees it.
final class AuditTreeReader {
  private let statements: TreeStatements

  /// The last revision, and how many rows there are up to it.
  private let head: Revision
  let size: UInt64

  /// The blocks that are kept.
  private let blockCount: UInt64

  /// The hashes of the rows of blocks that were looked into.
  private var leaves: [UInt64: [[UInt8]]] = [:]

  init(_ transaction: ReadTransaction) throws(Fault) {
    statements = transaction.statements.tree
    head = transaction.head
    let count = statements.blockCount
    defer { count.reset() }
    guard try count.step() else { throw AuditTree.missing }
    blockCount = UInt64(count.integer(0))
    let last = blockCount == 0 ? 0 : try Self.node(statements, AuditTree.leastLevel, blockCount - 1).last
    size = blockCount * AuditTree.blockCount + (try Self.count(statements, after: last, upTo: head))
  }

  /// The tree of the first rows; nil if there are not so many.
  func head(size: UInt64) throws(Fault) -> TreeHead? {
    guard size <= self.size else { return nil }
    let root = try MerkleTree.root(size: size) { level, number throws(Fault) in try hash(level, number) }
    return TreeHead(size: size, root: root, revision: size == self.size ? head : try revision(at: size))
  }

  func inclusion(of revision: Revision, in head: TreeHead) throws(Fault) -> TreeInclusion? {
    guard let (index, link) = try entry(of: revision), index < head.size else { return nil }
    let hashes = try MerkleTree.inclusionProof(of: index, size: head.size) { level, number throws(Fault) in
      try hash(level, number)
    }
    let row = statements.content
    defer { row.reset() }
    // What was put in the place of erased content is not what the audit has the digest of.
    let hasContent = try row.bind(Int64(revision.number)).step() && !row.isNull(0) && !row.isNull(1)
    return TreeInclusion(
      head: head, index: index, entry: link.canonicalBytes, hashes: hashes,
      content: hasContent ? TreeInclusion.Content(salt: row.blob(0), body: row.blob(1)) : nil)
  }

  func consistency(from first: UInt64, to size: UInt64) throws(Fault) -> [[UInt8]]? {
    guard first <= size, size <= self.size else { return nil }
    if first == 0 { return [] }
    return try MerkleTree.consistencyProof(from: first, to: size) { level, number throws(Fault) in
      try hash(level, number)
    }
  }

  // MARK: Places

  /// How many rows there are up to a revision.
  func size(upTo revision: Revision) throws(Fault) -> UInt64 {
    let number = Int64(bitPattern: revision.number)
    var (low, high) = (UInt64(0), blockCount)
    while low < high {
      let middle = (low + high) / 2
      if try last(ofBlock: middle) < number { low = middle + 1 } else { high = middle }
    }
    let before = low == 0 ? 0 : try last(ofBlock: low - 1)
    return try low * AuditTree.blockCount + Self.count(statements, after: before, upTo: revision)
  }

  /// The place of a revision's row, and the row; nil if it has none.
  private func entry(of revision: Revision) throws(Fault) -> (index: UInt64, link: AuditLink)? {
    let number = Int64(bitPattern: revision.number)
    let count = try size(upTo: revision)
    let rows = statements.rows
    defer { rows.reset() }
    guard count > 0, try rows.bind(number - 1).bind(1).step(), rows.integer(0) == number else { return nil }
    return (count - 1, AuditLink(rows))
  }

  /// The revision of the last of the first rows.
  private func revision(at size: UInt64) throws(Fault) -> Revision {
    guard size > 0 else { return .zero }
    let block = (size - 1) / AuditTree.blockCount
    let rows = statements.rows
    defer { rows.reset() }
    rows.bind(block == 0 ? 0 : try last(ofBlock: block - 1)).bind(Int64(size - block * AuditTree.blockCount))
    var revision = Revision.zero
    while try rows.step() { revision = Revision(UInt64(rows.integer(0))) }
    return revision
  }

  private func last(ofBlock block: UInt64) throws(Fault) -> Int64 {
    try Self.node(statements, AuditTree.leastLevel, block).last
  }

  // MARK: Hashes

  /// The hash over the rows of a complete subtree.
  private func hash(_ level: Int, _ number: UInt64) throws(Fault) -> [UInt8] {
    if level >= AuditTree.leastLevel { return try Self.node(statements, level, number).hash }
    let start = number << UInt64(level)
    let block = start / AuditTree.blockCount
    let first = Int(start - block * AuditTree.blockCount)
    var tree = MerkleFrontier()
    for leaf in try leaves(ofBlock: block)[first..<(first + 1 << level)] { tree.append(leaf: leaf) }
    return tree.root
  }

  private func leaves(ofBlock block: UInt64) throws(Fault) -> [[UInt8]] {
    if let known = leaves[block] { return known }
    let rows = statements.rows
    defer { rows.reset() }
    rows.bind(block == 0 ? 0 : try last(ofBlock: block - 1)).bind(Int64(AuditTree.blockCount))
    var found: [[UInt8]] = []
    while try rows.step() { found.append(MerkleTree.leaf(AuditLink(rows).canonicalBytes)) }
    leaves[block] = found
    return found
  }

  private static func node(
    _ statements: TreeStatements, _ level: Int, _ number: UInt64
  ) throws(Fault) -> (hash: [UInt8], last: Int64) {
    let node = statements.node
    defer { node.reset() }
    guard try node.bind(Int64(level)).bind(Int64(number)).step() else { throw AuditTree.missing }
    return (node.blob(0), node.integer(1))
  }

  private static func count(
    _ statements: TreeStatements, after revision: Int64, upTo last: Revision
  ) throws(Fault) -> UInt64 {
    let count = statements.rowCount
    defer { count.reset() }
    return try count.bind(revision).bind(Int64(bitPattern: last.number)).step() ? UInt64(count.integer(0)) : 0
  }
}
