import PlenaryStore

/// A store under trial, with short words for what the checks do most.
struct StoreTrial: Sendable {
  /// The fields that the checks index.
  enum Field {
    static let member = IndexField(1)
    static let rank = IndexField(2)
    static let tag = IndexField(3)
    static let title = IndexField(4)
    static let owner = IndexField(5)
    static let day = IndexField(6)
    static let week = IndexField(7)
  }

  /// A marking that everybody in these checks sees, and one that not everybody does.
  static let open = Marking(label: 1, originator: "organizations/a")
  static let closed = Marking(label: 5, originator: "organizations/b", detail: [1, 2, 3])

  /// Sees what is marked open.
  static let outsider = Viewer { $0 == open }

  let store: any Store

  // MARK: Values

  /// The key with a name that can be one.
  static func key(_ name: String) -> Key { Key(stored: name) }

  static func content(
    _ text: String = "", marking: Marking = open, _ entries: [IndexEntry] = []
  ) -> Content {
    Content(body: Array(text.utf8), marking: marking, entries: [IndexEntry(Field.member, .unset)] + entries)
  }

  static func put(
    _ name: String, _ text: String = "", marking: Marking = open, _ entries: [IndexEntry] = []
  ) -> Mutation {
    .put(key(name), content(text, marking: marking, entries))
  }

  static func put(_ name: String, marking: Marking = open, _ entries: [IndexEntry]) -> Mutation {
    put(name, "", marking: marking, entries)
  }

  static func rank(_ value: Int64) -> IndexEntry { IndexEntry(Field.rank, .integer(value)) }

  static func tag(_ value: String) -> IndexEntry { IndexEntry(Field.tag, .string(value)) }

  /// A day and the week that it is in.
  static func day(_ number: Int64) -> [IndexEntry] {
    [IndexEntry(Field.day, .integer(number)), IndexEntry(Field.week, .integer(number / 7))]
  }

  static func owner(_ name: String) -> IndexEntry { IndexEntry(Field.owner, .reference(key(name))) }

  /// Every record of these checks.
  static let members = Query.Condition(Field.member, .equals(.unset))

  // MARK: Writing

  @discardableResult
  func write(
    _ mutations: Mutation..., if preconditions: [Precondition] = [], by actor: String = "clients/a",
    as idempotency: Idempotency? = nil
  ) async throws(StoreError) -> WriteReceipt {
    try await store.commit(
      WriteRequest(
        actor: actor, idempotency: idempotency, preconditions: preconditions, mutations: mutations))
  }

  /// What stood against the preconditions of a request that changes something else too; nil if it was done.
  func finding(
    _ mutations: Mutation..., against preconditions: Precondition...
  ) async throws -> Conflict.Finding? {
    let request = WriteRequest(
      actor: "clients/a", preconditions: [.absent(Self.key("never"))] + preconditions, mutations: mutations)
    switch await store.commit([request])[0] {
    case .success: return nil
    case .failure(.conflict(let conflict)):
      try expect(conflict.precondition, 1, "the precondition that failed")
      return conflict.finding
    case .failure(let error): throw error
    }
  }

  // MARK: Reading

  func record(
    _ name: String, as viewer: Viewer = .everything, at revision: Revision? = nil
  ) async throws(StoreError) -> StoredRecord? {
    try await store.get([Self.key(name)], as: viewer, at: revision).records[0]
  }

  /// The text of a record; nil if there is none.
  func text(
    _ name: String, as viewer: Viewer = .everything, at revision: Revision? = nil
  ) async throws(StoreError) -> String? {
    try await record(name, as: viewer, at: revision).map(\.text)
  }

  func head() async throws(StoreError) -> Revision { try await store.head() }

  /// Every record of a list, read in pages at one revision.
  func list(
    _ query: Query, as viewer: Viewer = .everything, pageSize: Int = 100, at revision: Revision? = nil
  ) async throws -> [StoredRecord] {
    var records: [StoredRecord] = []
    var cursor: Cursor?
    var revision = revision
    repeat {
      let page = try await store.list(
        query, as: viewer, after: cursor, limit: PageLimit(records: pageSize), at: revision)
      if page.next != nil { try expect(page.records.count, pageSize, "the size of a page that is not the last") }
      try expect(page.records.count <= pageSize, "a page exceeds its limit")
      records += page.records
      revision = page.revision
      cursor = page.next
    } while cursor != nil
    return records
  }

  /// The keys of a list.
  func names(
    _ query: Query, as viewer: Viewer = .everything, pageSize: Int = 100, at revision: Revision? = nil
  ) async throws -> [String] {
    try await list(query, as: viewer, pageSize: pageSize, at: revision).map(\.key.name)
  }
}

extension StoredRecord {
  /// The body as the text that it was.
  var text: String { String(decoding: body, as: UTF8.self) }
}

extension Result where Success == WriteReceipt {
  /// The receipt, if the request was done.
  var receipt: WriteReceipt? {
    if case .success(let receipt) = self { receipt } else { nil }
  }
}
