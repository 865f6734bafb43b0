import Foundation
import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Synchronization
import Testing

/// How a search waits for the search index.
enum SearchPatience {
  /// Until it is there.
  case patient
  /// Not at all.
  case impatient

  var pause: @Sendable (Duration) async throws -> Void {
    switch self {
    case .patient:
      { _ in
        // Nothing comes; it ends when the task is cancelled.
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        continuation.finish()
      }
    case .impatient: { _ in }
    }
  }
}

/// A registry over a store of its own, with a clock that is the same in every run.
struct TestRegistry: Sendable {
  static let start: Int64 = 1_541_548_800_000_000
  static let caller = Caller(principal: "clients/test", viewer: .everything)

  let store: SQLiteStore
  let registry: Registry

  private init(
    _ memory: Registry.MemoryLimits, in location: SQLiteStore.Configuration.Location = .memory,
    indexing: Indexing = KindCatalog.current.indexing, search: SearchPatience? = nil, keepsChanges: Bool = true
  ) throws {
    let ticks = Mutex(Int64(0))
    let now: @Sendable () -> CommitTime = {
      ticks.withLock { count in
        count += 1
        return CommitTime(microseconds: Self.start + count * 1_000_000)
      }
    }
    var configuration = SQLiteStore.Configuration(
      location, now: now,
      // Stores that are open at once must not draw the same identity.
      randomBytes: { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } })
    configuration.indexing = indexing
    if !keepsChanges { configuration.feedChangesMax = 0 }
    store = try SQLiteStore(configuration)
    registry = Registry(
      store: store, now: now, randomBytes: { (0..<$0).map { _ in UInt8.random(in: .min ... .max) } }, memory: memory,
      search: search.map { [store] in SearchAccess(store.searchIndex, pause: $0.pause) })
  }

  /// Runs a test on a registry with nothing in it.
  ///
  /// - Parameters:
  ///   - search: How searches wait for the search index; nil for a registry without one.
  ///   - keepsChanges: Whether the store keeps the last changes in memory; else all are read from the database.
  static func run(
    memory: Registry.MemoryLimits = .init(), search: SearchPatience? = nil, keepsChanges: Bool = true,
    _ body: (TestRegistry) async throws -> Void
  ) async throws {
    try await run(TestRegistry(memory, search: search, keepsChanges: keepsChanges), body)
  }

  /// Runs a test on a registry in a directory, whose records are found by what is declared.
  static func run(
    in directory: String, indexing: Indexing, _ body: (TestRegistry) async throws -> Void
  ) async throws {
    try await run(TestRegistry(.init(), in: .directory(directory), indexing: indexing), body)
  }

  /// Removes a directory of such a registry, if there is one.
  static func remove(_ directory: String) {
    // What cannot be removed is in nobody's way.
    try? FileManager.default.removeItem(atPath: directory)
  }

  private static func run(_ test: TestRegistry, _ body: (TestRegistry) async throws -> Void) async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await body(test)) } catch { result = .failure(error) }
    await test.store.close()
    try result.get()
  }

  /// Feeds the search index while a body runs.
  func feeding(_ body: () async throws -> Void) async throws {
    let feeder = feeder
    let feeding = Task { await feeder.run() }
    let result: Result<Void, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    feeding.cancel()
    await feeding.value
    try result.get()
  }

  /// What feeds the search index.
  var feeder: SearchFeeder {
    SearchFeeder(
      store, into: store.searchIndex, pause: SearchPatience.patient.pause,
      report: { Issue.record("the index could not go on: \($0)") })
  }

  // MARK: Single records

  @discardableResult
  func create<Request: CreateRequestMessage>(_ request: Request) async throws -> Request.Resource {
    try await Request.Resource(serializedBytes: registry.create(request, as: Self.caller).bytes)
  }

  @discardableResult
  func update<Request: UpdateRequestMessage>(_ request: Request) async throws -> Request.Resource {
    try await Request.Resource(serializedBytes: registry.update(request, as: Self.caller).bytes)
  }

  @discardableResult
  func delete<Request: DeleteRequestMessage>(_ request: Request) async throws -> Request.Resource {
    try await Request.Resource(serializedBytes: registry.delete(request, as: Self.caller).bytes)
  }

  @discardableResult
  func transition<Request: TransitionRequestMessage>(_ verb: String, _ request: Request) async throws
    -> Request.Resource
  {
    try await Request.Resource(serializedBytes: registry.transition(verb, request, as: Self.caller).bytes)
  }

  /// Deletes a record of any of the kinds with states.
  func delete(_ record: any ResourceMessage) async throws {
    switch record {
    case is Dialogue: try await delete(DeleteDialogueRequest.with { $0.name = record.name })
    case is Series: try await delete(DeleteSeriesRequest.with { $0.name = record.name })
    case is WorkingGroup: try await delete(DeleteWorkingGroupRequest.with { $0.name = record.name })
    case is Partnership: try await delete(DeletePartnershipRequest.with { $0.name = record.name })
    case is Theme: try await delete(DeleteThemeRequest.with { $0.name = record.name })
    default: Issue.record("\(record.name) is of no kind with states")
    }
  }

  @discardableResult
  func undelete<Request: UndeleteRequestMessage>(_ request: Request) async throws -> Request.Resource {
    try await Request.Resource(serializedBytes: registry.undelete(request, as: Self.caller).bytes)
  }

  @discardableResult
  func batchCreate<Request: BatchCreateRequestMessage>(_ request: Request) async throws -> [Request.Resource] {
    try await registry.batchCreate(request, as: Self.caller).records.map { try Request.Resource(serializedBytes: $0) }
  }

  func batchGet<Request: BatchGetRequestMessage>(_ request: Request) async throws -> [Request.Resource] {
    try await registry.batchGet(request, as: Self.caller).records.map { try Request.Resource(serializedBytes: $0) }
  }

  func get<Request: GetRequestMessage>(_ request: Request) async throws -> Request.Resource {
    try await Request.Resource(serializedBytes: registry.get(request, as: Self.caller).bytes)
  }

  /// The names of a page, and the rest of what a page tells.
  func page<Request: ListRequestMessage>(_ request: Request) async throws -> (names: [String], page: ReplyPage) {
    let page = try await registry.list(request, as: Self.caller)
    return (try page.records.map { try Request.Resource(serializedBytes: $0).name }, page)
  }

  /// The names of all pages.
  func names<Request: ListRequestMessage>(_ request: Request) async throws -> [String] {
    var request = request
    var names: [String] = []
    repeat {
      let (more, page) = try await page(request)
      names += more
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return names
  }

  // MARK: Many records

  /// Imports records of any kinds.
  @discardableResult
  func importing(
    _ records: [any ProtobufMessage], conflict: ImportRegistryRequest.Conflict = .fail, dryRun: Bool = false,
    requestID: String = ""
  ) async throws -> ImportReport {
    var batch = try ImportBatch(
      .with {
        $0.conflict = conflict
        $0.dryRun = dryRun
        $0.requestID = requestID
      }, within: registry.importBudget)
    for record in records { try batch.append(try Record(holding: record)) }
    return try await registry.importRecords(batch, as: Self.caller)
  }

  /// Imports records that must be right.
  func seed(_ records: any ProtobufMessage...) async throws { try await seed(records) }

  /// Imports records that must be right.
  func seed(_ records: [any ProtobufMessage]) async throws {
    let report = try await importing(records)
    for result in report.results { #expect(result.error == nil, "\(result.name)") }
    try #require(report.isApplied)
  }

  /// The records of an export, and the encoding of each.
  func exported(_ types: [String] = []) async throws -> [(record: Record, bytes: [UInt8])] {
    var records: [(Record, [UInt8])] = []
    try await registry.export(.with { $0.resourceTypes = types }, as: Self.caller) { bytes in
      if case .record(let record)? = try ExportRegistryResponse(serializedBytes: bytes).content {
        records.append((record, bytes))
      }
    }
    return records
  }
}

extension Record {
  /// A record that holds a message of one of the kinds.
  init(holding message: any ProtobufMessage) throws {
    self.init()
    let descriptor = type(of: message).descriptor
    let field = try #require(Self.descriptor.fields.first { $0.type.valueMessage?.descriptor === descriptor })
    try setValue(.message(message), ofField: field.number)
  }
}

extension LocalizedText {
  /// A text in one language.
  init(_ text: String, in language: String = "en") {
    self.init()
    values = [language: text]
    originalLanguage = language
  }
}

extension GoogleDate {
  /// A date, perhaps partial.
  init(_ year: Int32, _ month: Int32 = 0, _ day: Int32 = 0) {
    self.init()
    self.year = year
    self.month = month
    self.day = day
  }
}

/// Expects a refusal for one reason, and gives it back for a closer look.
@discardableResult
func expectRefusal(
  _ reason: Reason, _ field: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Void
) async -> DomainError? {
  let error = await #expect(throws: DomainError.self, sourceLocation: sourceLocation) { try await body() }
  #expect(error?.reason == reason, "\(error?.message ?? "")", sourceLocation: sourceLocation)
  if let field {
    #expect(
      error?.violations.map(\.field).contains(field) == true, "\(error?.violations ?? [])",
      sourceLocation: sourceLocation)
  }
  return error
}
