package import PlenaryStore

extension SQLiteStore: TransparencyLog {
  package func treeHead(at time: CommitTime?) async throws(StoreError) -> TreeHead {
    try await read(isShort: false) { transaction throws(Fault) in
      let tree = try AuditTreeReader(transaction)
      let size = if let time { try tree.size(upTo: transaction.lastRevision(at: time)) } else { tree.size }
      guard let head = try tree.head(size: size) else { throw AuditTree.missing }
      return head
    }
  }

  package func inclusion(of revision: Revision, size: UInt64?) async throws(StoreError) -> TreeInclusion? {
    try await read(isShort: false) { transaction throws(Fault) in
      let tree = try AuditTreeReader(transaction)
      guard let head = try tree.head(size: size ?? tree.size) else { return nil }
      return try tree.inclusion(of: revision, in: head)
    }
  }

  package func consistency(from first: UInt64, to size: UInt64) async throws(StoreError) -> [[UInt8]]? {
    try await read(isShort: false) { transaction throws(Fault) in
      try AuditTreeReader(transaction).consistency(from: first, to: size)
    }
  }
}
