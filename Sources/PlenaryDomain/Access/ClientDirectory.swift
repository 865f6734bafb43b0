internal import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// The clients that may call, in memory, so that a call can be let in where it arrives without waiting for anything.
///
/// It is loaded once, and then follows the changes of the store.
///
/// Invariants:
/// - What it holds is that of `place`: a part of the feed is taken in only by whom it was asked for at that place.
/// - Tokens are found by the beginning of their digest and compared as a whole in constant time.
package final class ClientDirectory: Sendable {
  /// A client that has proved who it is.
  package struct Member: Sendable {
    /// Its name.
    package let name: String

    /// What it may do.
    package let rights: Rights

    /// From when on it, or the token that it has shown, is refused.
    package let expireTime: CommitTime
  }

  private struct Token: Sendable {
    let client: Key
    let digest: [UInt8]
    let expireTime: CommitTime
  }

  private struct Entry: Sendable {
    let name: String
    let rights: Rights
    let expireTime: CommitTime
    let tokens: [UInt64]
  }

  private struct State {
    var clients: [Key: Entry] = [:]
    var tokens: [UInt64: [Token]] = [:]
    var place = Revision.zero
    /// How often something that it holds has changed.
    var changeCount: UInt64 = 0
  }

  /// The records that are read at a time.
  private static let pageCount = 1000

  private let store: any Store
  private let kind = Kind.client
  private let state = Mutex(State())

  /// A directory of the clients in a store. Load it before anyone asks.
  package init(_ store: any Store) {
    self.store = store
  }

  /// How often something that it holds has changed.
  package var changeCount: UInt64 { state.withLock { $0.changeCount } }

  /// The client with a token that it knows and that has not expired; nil for any other, whatever is wrong with it.
  package func member(withDigest digest: [UInt8], at now: CommitTime) -> Member? {
    state.withLock { state in
      var found: Member?
      // All of them, so that the time tells nothing.
      for token in state.tokens[Self.slot(of: digest)] ?? [] where AccessToken.isSame(token.digest, digest) {
        guard let client = state.clients[token.client] else { continue }
        found = Member(
          name: client.name, rights: client.rights, expireTime: min(token.expireTime, client.expireTime))
      }
      return found.flatMap { $0.expireTime > now ? $0 : nil }
    }
  }

  /// The clients that administer the registry, in order.
  package var administrators: [String] {
    state.withLock { state in state.clients.values.filter(\.rights.isAdministrator).map(\.name).sorted() }
  }

  /// Takes in all clients that there are.
  package func load() async throws(StoreError) {
    let head = try await store.head()
    let query = Query(conditions: [.init(kind.membership, .equals(.unset))])
    var loaded = State()
    var cursor: Cursor?
    repeat {
      let page = try await store.list(
        query, as: .everything, after: cursor, limit: PageLimit(records: Self.pageCount), at: head)
      for record in page.records { Self.take(record, at: record.key, into: &loaded) }
      cursor = page.next
    } while cursor != nil
    loaded.place = head
    state.withLock { state in
      loaded.changeCount = state.changeCount + 1
      state = loaded
    }
  }

  /// Takes in what has changed since, as far as it has happened when this is called.
  package func catchUp() async throws(StoreError) {
    while true {
      let place = state.withLock { $0.place }
      let question = question(after: place)
      do throws(StoreError) {
        let part =
          if let part = store.feedInMemory(question) { part } else { try await store.feed(question) }
        state.withLock { state in
          guard state.place == place else { return }
          for change in part.changes { Self.take(change.after, at: change.key, into: &state) }
          if !part.changes.isEmpty { state.changeCount += 1 }
          state.place = part.through
        }
        guard !part.isLast else { return }
      } catch .revisionCompacted {
        return try await load()
      }
    }
  }

  private func question(after place: Revision) -> FeedQuestion {
    let pattern = kind.pattern
    let selection = FeedSelection(
      queries: [Query(conditions: [.init(kind.membership, .equals(.unset))])], includesBefore: false
    ) { pattern.matches($0.name) ? 0 : nil }
    return FeedQuestion(
      after: place, viewer: .everything, selection: selection,
      limit: FeedLimit(changes: Self.pageCount, bytes: 4 << 20, lookedAt: 100_000))
  }

  /// Puts what a record says in the place of what was known of it.
  private static func take(_ record: StoredRecord?, at key: Key, into state: inout State) {
    for slot in state.clients[key]?.tokens ?? [] {
      state.tokens[slot]?.removeAll { $0.client == key }
      if state.tokens[slot]?.isEmpty == true { state.tokens[slot] = nil }
    }
    state.clients[key] = nil
    // Whoever cannot be understood is not let in.
    guard let record, let client = try? Client(serializedBytes: record.body) else { return }
    var slots: [UInt64] = []
    for (token, digest) in zip(client.tokens, client.tokenDigests) {
      guard digest.count == AccessToken.digestByteCount, let end = token.expireTime?.microseconds else { continue }
      let slot = slot(of: digest)
      slots.append(slot)
      state.tokens[slot, default: []].append(
        Token(client: key, digest: digest, expireTime: CommitTime(microseconds: end)))
    }
    state.clients[key] = Entry(
      name: key.name, rights: Rights(organization: client.organization, grants: client.roles),
      expireTime: CommitTime(microseconds: client.expireTime?.microseconds ?? .max), tokens: slots)
  }

  private static func slot(of digest: [UInt8]) -> UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
