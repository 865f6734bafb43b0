internal import Foundation
internal import PlenaryDaemon
internal import PlenaryStore
internal import PlenaryStoreSQLite

/// The store as the daemon has it, written to in groups.
final class StoreWriting {
  /// The bytes of a record.
  static let bodyByteCount = 800

  private let store: SQLiteStore
  private var versions: [Int32]

  /// Opens a store that `fill` has filled.
  init(_ folder: URL, count: Int) throws {
    store = try Self.open(folder)
    versions = Array(repeating: 0, count: count)
  }

  /// Makes a store with so many records.
  static func fill(_ folder: URL, count: Int) async throws {
    let store = try open(folder)
    for start in stride(from: 0, to: count, by: fillCount) {
      let requests = (start..<min(start + fillCount, count)).map { request(number: $0, version: 0) }
      for result in await store.commit(requests) { _ = try result.get() }
    }
    await store.close()
  }

  /// Writes groups, one after the other.
  func write(_ groups: [[Int]]) async throws {
    for group in groups {
      let requests = group.map { number in
        versions[number] += 1
        return Self.request(number: number, version: versions[number])
      }
      for result in await store.commit(requests) { _ = try result.get() }
    }
  }

  /// Closes the store.
  func close() async {
    await store.close()
  }

  /// The name of a record, of 33 bytes.
  static func name(_ number: Int) -> String {
    let digits = String(number)
    return "themes/record-number-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// The bytes of a record, which differ from version to version.
  static func body(_ number: Int, _ version: Int32) -> [UInt8] {
    Array(repeating: UInt8(truncatingIfNeeded: number &+ Int(version)), count: bodyByteCount)
  }

  /// What a record is found by: that it is a theme, its scheme, its notation, which each version changes, and its state.
  static func entries(_ number: Int, _ version: Int32) -> [(field: UInt32, value: [UInt8])] {
    [
      (1, IndexValue.unset.bytes), (2, IndexValue.string("samples").bytes),
      (3, IndexValue.string("notation-\(number)-\(version)").bytes), (4, IndexValue.integer(1).bytes),
    ]
  }

  /// The records that are made durable together when a store is filled.
  private static let fillCount = 256

  private static func open(_ folder: URL) throws -> SQLiteStore {
    let data = SQLiteStore.Configuration.Location.directory(folder.path)
    return try SQLiteStore(.init(data, DaemonConfiguration(listen: [], data: data).inputs))
  }

  private static func request(number: Int, version: Int32) -> WriteRequest {
    guard let key = Key(name(number)) else { preconditionFailure("the name of a record is a key") }
    let entries = entries(number, version).map { IndexEntry(IndexField($0.field), IndexValue(stored: $0.value)) }
    let content = Content(body: body(number, version), marking: Marking(label: 1), entries: entries)
    return WriteRequest(actor: "clients/bench", mutations: [.put(key, content)])
  }
}
