internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos
internal import PlenaryDomain
internal import ProtobufRuntime
internal import Synchronization

/// The states of a registry that are kept.
final class Snapshots: Sendable {
  /// A state.
  struct Snapshot: Sendable {
    let name: String
    /// The database.
    let image: [UInt8]
    /// Where the chance was.
    let chance: UInt64
    /// Where the clock stood; nil if it ran.
    let clockStandsAt: Int64?
    let time: ProtobufTimestamp

    var message: TestingSnapshot {
      .with {
        $0.name = name
        $0.time = time
        $0.sizeBytes = Int64(image.count)
      }
    }
  }

  private let kept = Mutex<[String: Snapshot]>([:])

  /// Refuses what cannot be a name.
  static func check(_ name: String) throws(GRPCStatus) {
    guard name.utf8.count <= HarnessLimits.snapshotNameBytesMax, ResourceID.isValid(name) else {
      throw GRPCStatus(.invalidArgument, "name: `\(name.prefix(100))` cannot be one; it is \(ResourceID.rule)")
    }
  }

  /// Keeps a snapshot, in place of one with its name.
  func keep(_ snapshot: Snapshot) throws(GRPCStatus) -> TestingSnapshot {
    try kept.withLock { kept throws(GRPCStatus) in
      let others = kept.values.filter { $0.name != snapshot.name }
      guard others.count < HarnessLimits.snapshotCountMax else {
        throw GRPCStatus(
          .resourceExhausted, "there are \(others.count) snapshots already; delete one, or take this in place of one")
      }
      let byteCount = others.reduce(snapshot.image.count) { $0 + $1.image.count }
      guard byteCount <= HarnessLimits.snapshotBytesMax else {
        throw GRPCStatus(
          .resourceExhausted,
          "the snapshots would have \(byteCount) bytes together, at most \(HarnessLimits.snapshotBytesMax) are kept")
      }
      kept[snapshot.name] = snapshot
    }
    return snapshot.message
  }

  /// The snapshot with a name.
  func snapshot(_ name: String) throws(GRPCStatus) -> Snapshot {
    guard let snapshot = kept.withLock({ $0[name] }) else { throw Self.notFound(name) }
    return snapshot
  }

  /// All of them, by name.
  var all: [TestingSnapshot] {
    kept.withLock { $0.values.map(\.message) }.sorted { $0.name < $1.name }
  }

  /// Forgets a snapshot.
  func delete(_ name: String) throws(GRPCStatus) {
    guard kept.withLock({ $0.removeValue(forKey: name) }) != nil else { throw Self.notFound(name) }
  }

  private static func notFound(_ name: String) -> GRPCStatus {
    GRPCStatus(.notFound, "there is no snapshot `\(name.prefix(100))`; ListSnapshots tells which there are")
  }
}
