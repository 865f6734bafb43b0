internal import Crypto
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// The records of one import, collected until the last one has come.
package struct ImportBatch: Sendable {
  /// The most records of an import.
  package static let recordCountMax = WriteRequest.mutationCountMax

  /// The most bytes of an import, and of all imports that a registry collects at a time.
  package static let byteCountMax = WriteRequest.byteCountMax

  /// How the records are to be imported.
  package let header: ImportRegistryRequest.Header

  /// The records, in the order in which they came.
  package private(set) var records: [Record] = []

  private(set) var byteCount = 0
  private var hash = SHA256()
  private let reservation: MemoryBudget.Reservation

  /// An empty batch, which takes the room for its records from a budget until it is gone.
  package init(_ header: ImportRegistryRequest.Header, within budget: MemoryBudget) throws(DomainError) {
    self.header = header
    reservation = budget.reserve()
    hash.update(data: try header.encoded())
  }

  /// Adds a record.
  /// - Throws: `limitReached`; it is passing if the room is only taken by other imports.
  package mutating func append(_ record: Record) throws(DomainError) {
    let bytes = try record.encoded()
    byteCount += bytes.count
    guard records.count < Self.recordCountMax, byteCount <= Self.byteCountMax else {
      throw DomainError(
        .limitReached,
        "an import has at most \(Self.recordCountMax) records and \(Self.byteCountMax >> 20) MiB; send several, those "
          + "records first that others refer to",
        metadata: ["max_records": "\(Self.recordCountMax)", "max_bytes": "\(Self.byteCountMax)"])
    }
    guard reservation.grow(by: bytes.count) else {
      throw DomainError(
        .limitReached,
        "other imports that are under way take too much of the room there is; try again when they are done",
        metadata: ["max_bytes": "\(Self.byteCountMax)"], isPassing: true)
    }
    hash.update(data: bytes)
    records.append(record)
  }

  /// A digest of everything in the batch.
  var digest: [UInt8] { Array(hash.finalize()) }
}

/// What became of one record of an import.
package struct ImportResult: Sendable {
  /// The name of the record, as it was sent.
  package let name: String

  /// What became of it, or would have.
  package let outcome: ImportRegistryResponse.Result.Outcome

  /// Why it failed; nil if it did not.
  package let error: DomainError?
}

/// What became of an import.
package struct ImportReport: Sendable {
  /// What became of each record, in the order in which they came.
  package let results: [ImportResult]

  /// Whether the records are in the registry.
  package let isApplied: Bool

  /// The token of the revision that they stand in; empty if they were not imported.
  package let revision: String

  /// Whether this is what the same import did before.
  package var isReplay = false

  /// The counts, as the last message of an import has them.
  package var summary: ImportRegistryResponse.Summary {
    func count(_ outcome: ImportRegistryResponse.Result.Outcome) -> Int32 {
      Int32(results.count { $0.outcome == outcome })
    }
    return .with {
      $0.applied = isApplied
      $0.createdCount = count(.created)
      $0.updatedCount = count(.updated)
      $0.unchangedCount = count(.unchanged)
      $0.skippedCount = count(.skipped)
      $0.failedCount = count(.failed)
      $0.revision = revision
    }
  }
}
