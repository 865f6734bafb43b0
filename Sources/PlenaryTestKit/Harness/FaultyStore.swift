internal import PlenaryStore

/// A store on whose disk no space is left for some calls: their writes are refused, as a full disk refuses them, and reads
/// go on.
struct FaultyStore: StoreWrapper {
  /// Whether the call that runs finds the disk full. What it starts inherits that.
  @TaskLocal static var isFull = false

  let store: any Store

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    guard !Self.isFull else { return requests.map { _ in .failure(.full) } }
    return await store.commit(requests)
  }

  func backUp(to path: String, watch: UpkeepWatch) async throws(StoreError) -> BackupManifest {
    guard !Self.isFull else { throw .full }
    return try await store.backUp(to: path, watch: watch)
  }

  func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep {
    guard !Self.isFull else { throw .full }
    return try await store.compact(to: revision, after: place)
  }
}
