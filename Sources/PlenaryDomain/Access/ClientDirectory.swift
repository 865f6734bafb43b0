internal import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// The clients that may call and the sharing groups that let them in, in memory, so that a call can be let in where it
/// arrives without waiting for anything.
///
/// It is loaded once, and then follows the changes of the store.
///
/// Invariants:
/// - Whoever is given out as a caller is current for as long as what its client may see and do stays the same.
/// - What it holds is that of `place`: a part of the feed is taken in only by whom it was asked for at that place.
/// - Tokens are found by the beginning of their digest and compared as a whole in constant time.
package final class ClientDirectory: Sendable {
  /// A client that has proved who it is.
  package struct Member: Sendable {
    /// The client as a caller; the same one for as long as what it may see and do stays the same.
    package let caller: Caller

    /// From when on it, or the token that it has shown, is refused.
    package let expireTime: CommitTime

    /// Counts what it asks for.
    package let meter: CallMeter
  }

  fileprivate struct Token: Sendable {
    let client: Key
    let digest: [UInt8]
    let expireTime: CommitTime
  }

  fileprivate struct Entry: Sendable {
    let name: String
    let rights: Rights
    let ceiling: PlenaryAPI.Marking.Label
    let expireTime: CommitTime
    let tokens: [UInt64]
    let identities: [ClientIdentity]
    /// The same one for as long as there is the client.
    let meter: CallMeter
    /// The client as a caller, once it has called.
    var caller: Caller?
  }

  fileprivate struct State {
    var clients: [Key: Entry] = [:]
    var tokens: [UInt64: [Token]] = [:]
    var identities: [ClientIdentity: [Key]] = [:]
    /// What the clients of each organization ask for.
    var meters: [String: CallMeter] = [:]
    /// The clients of each organization that have called.
    var callers: [String: Set<Key>] = [:]
    var circles = SharingCircles()
    /// The groups of the organizations that have been asked about.
    var groups: [String: Set<String>] = [:]
    /// The callers whose clients may see or do something else by now, and who have not been told.
    var outdated: [Caller] = []
    var place = Revision.zero
  }

  /// Counts the calls of all callers.
  package let total = CallTotal()

  /// The records that are read at a time.
  private static let pageCount = 1000

  private let store: any Store
  private let kinds = [Kind.client, Kind.sharingGroup]
  private let audiences = KnownAudiences()
  private let state = Mutex(State())
  private let changes = Atomic<UInt64>(0)

  /// A directory of the clients in a store. Load it before anyone asks.
  package init(_ store: any Store) {
    self.store = store
  }

  /// What nobody knows from outside.
  package var secret: [UInt8] { store.identity.id }

  /// How often something that it holds has changed. It is asked with every call, so it costs no lock.
  package var changeCount: UInt64 { changes.load(ordering: .acquiring) }

  /// The client with a token that it knows and that has not expired; nil for any other, whatever is wrong with it.
  package func member(withDigest digest: [UInt8], at now: CommitTime) -> Member? {
    state.withLock { state in
      var found: (key: Key, expireTime: CommitTime)?
      // All of them, so that the time tells nothing.
      for token in state.tokens[Self.slot(of: digest)] ?? [] where AccessToken.isSame(token.digest, digest) {
        guard let client = state.clients[token.client] else { continue }
        found = (token.client, min(token.expireTime, client.expireTime))
      }
      guard let found, found.expireTime > now, let caller = state.caller(at: found.key, audiences),
        let meter = state.clients[found.key]?.meter
      else { return nil }
      return Member(caller: caller, expireTime: found.expireTime, meter: meter)
    }
  }

  /// The client that is known by some identities; nil if there is none, or more than one.
  ///
  /// - Parameter isSpokenFor: Whether whoever has signed them may speak for an organization; empty for clients that act for
  ///   none.
  func member(
    with identities: [ClientIdentity], at now: CommitTime, where isSpokenFor: (String) -> Bool
  ) -> Member? {
    state.withLock { state in
      var found: Key?
      for identity in identities {
        for key in state.identities[identity] ?? [] {
          guard let client = state.clients[key], isSpokenFor(client.rights.organization) else { continue }
          guard found == nil || found == key else { return nil }
          found = key
        }
      }
      guard let found, let client = state.clients[found], client.expireTime > now,
        let caller = state.caller(at: found, audiences)
      else { return nil }
      return Member(caller: caller, expireTime: client.expireTime, meter: client.meter)
    }
  }

  /// The clients that administer the registry, in order.
  package var administrators: [String] {
    state.withLock { state in state.clients.values.filter(\.rights.isAdministrator).map(\.name).sorted() }
  }

  /// What all clients of each organization ask for together.
  package var organizationMeters: [String: CallMeter] { state.withLock { $0.meters } }

  /// Takes in all clients and sharing groups that there are.
  package func load() async throws(StoreError) {
    let head = try await store.head()
    var loaded = State()
    for kind in kinds {
      let query = Query(conditions: [.init(kind.membership, .equals(.unset))])
      var cursor: Cursor?
      repeat {
        let page = try await store.list(
          query, as: .everything, after: cursor, limit: PageLimit(records: Self.pageCount), at: head)
        loaded.load(page.records.map { DirectoryChange($0, at: $0.key) }, total)
        cursor = page.next
      } while cursor != nil
    }
    loaded.place = head
    state.withLock { state in
      guard state.place <= loaded.place else { return }
      loaded.outdated = state.outdated + state.clients.values.compactMap(\.caller)
      state = loaded
      changes.wrappingAdd(1, ordering: .releasing)
    }
  }

  /// Takes in what has changed since, as far as it has happened when this is called. Callers that are no longer current
  /// wait to be ended.
  package func catchUp() async throws(StoreError) {
    while true {
      let place = state.withLock { $0.place }
      let question = question(after: place)
      do throws(StoreError) {
        let part =
          if let part = store.feedInMemory(question) { part } else { try await store.feed(question) }
        if take(part, after: place) { return }
      } catch .revisionCompacted {
        return try await load()
      }
    }
  }

  /// Takes in a part of the feed that was asked for at a place; true if there is nothing more to take in.
  ///
  /// What it takes to know who is in other groups is worked out before anybody has to wait for it.
  private func take(_ part: FeedPart, after place: Revision) -> Bool {
    let changes = part.changes.map { DirectoryChange($0.after, at: $0.key) }
    let (circles, known) = state.withLock { ($0.circles, $0.groups) }
    let move = CircleMove(changes, in: circles, known)
    return state.withLock { state in
      // Somebody else has been quicker, and perhaps not come as far: it is asked for again from there.
      guard state.place == place else { return state.place >= part.through && part.isLast }
      state.take(move)
      for case .client(let key, let client) in changes { state.takeClient(client, at: key, total) }
      if !part.changes.isEmpty { self.changes.wrappingAdd(1, ordering: .releasing) }
      state.place = part.through
      return part.isLast
    }
  }

  /// Ends the callers that are no longer current: whoever reads with their eyes stops.
  package func endOutdatedCallers() {
    let outdated = state.withLock { state in
      defer { state.outdated = [] }
      return state.outdated
    }
    for caller in outdated { caller.end() }
  }

  private func question(after place: Revision) -> FeedQuestion {
    let patterns = NamePatterns(kinds.map(\.pattern))
    let selection = FeedSelection(
      queries: kinds.map { Query(conditions: [.init($0.membership, .equals(.unset))]) }, includesBefore: false
    ) { key in patterns.firstIndex(matchingKey: key) }
    return FeedQuestion(
      after: place, viewer: .everything, selection: selection,
      limit: FeedLimit(changes: Self.pageCount, bytes: 4 << 20, lookedAt: 100_000))
  }

  fileprivate static func slot(of digest: [UInt8]) -> UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

extension ClientDirectory.State {
  /// Takes in records of which nothing was known, when nobody has been given a caller.
  fileprivate mutating func load(_ records: [DirectoryChange], _ total: CallTotal) {
    for record in records {
      switch record {
      case .client(let key, let client): takeClient(client, at: key, total)
      case .group(let name, let group): _ = circles.take(group, named: name)
      }
    }
  }

  /// Takes in that groups have changed.
  fileprivate mutating func take(_ move: CircleMove) {
    circles = move.circles
    for (organization, now) in move.groups { regroup(organization, now) }
    // Those that were asked about while it was worked out.
    for organization in move.unknown where groups[organization] != nil {
      regroup(organization, circles.groups(of: organization))
    }
  }

  private mutating func regroup(_ organization: String, _ now: Set<String>) {
    guard groups[organization] != now else { return }
    groups[organization] = now
    for client in callers.removeValue(forKey: organization) ?? [] {
      if let caller = clients[client]?.caller { outdated.append(caller) }
      clients[client]?.caller = nil
    }
  }

  /// Puts what a client is in the place of what was known of it; nil if there is none any more, or it cannot be understood.
  fileprivate mutating func takeClient(_ client: Client?, at key: Key, _ total: CallTotal) {
    let previous = clients.removeValue(forKey: key)
    for slot in previous?.tokens ?? [] {
      tokens[slot]?.removeAll { $0.client == key }
      if tokens[slot]?.isEmpty == true { tokens[slot] = nil }
    }
    for identity in previous?.identities ?? [] {
      identities[identity]?.removeAll { $0 == key }
      if identities[identity]?.isEmpty == true { identities[identity] = nil }
    }
    if let client {
      let isOfSame = previous?.rights.organization == client.organization
      let known = isOfSame ? previous?.meter : nil
      clients[key] = entry(of: client, at: key, known ?? meter(in: client.organization, total))
    }
    guard let caller = previous?.caller, let organization = previous?.rights.organization else { return }
    if let next = clients[key], next.rights == caller.rights, next.ceiling == previous?.ceiling {
      clients[key]?.caller = caller
    } else {
      outdated.append(caller)
      callers[organization]?.remove(key)
      if callers[organization]?.isEmpty == true { callers[organization] = nil }
    }
  }

  /// A meter of a client that acts for an organization; for none if that is empty.
  private mutating func meter(in organization: String, _ total: CallTotal) -> CallMeter {
    guard !organization.isEmpty else { return CallMeter(total) }
    let wider = meters[organization] ?? CallMeter(total)
    meters[organization] = wider
    return CallMeter(total, within: wider)
  }

  private mutating func entry(of client: Client, at key: Key, _ meter: CallMeter) -> ClientDirectory.Entry {
    var slots: [UInt64] = []
    for (token, digest) in zip(client.tokens, client.tokenDigests) {
      guard digest.count == AccessToken.digestByteCount, let end = token.expireTime?.microseconds else { continue }
      let slot = ClientDirectory.slot(of: digest)
      slots.append(slot)
      tokens[slot, default: []].append(
        ClientDirectory.Token(client: key, digest: digest, expireTime: CommitTime(microseconds: end)))
    }
    let known = Set(
      client.certificateIdentities.compactMap(ClientIdentity.init(certificate:))
        + client.issuerSubjects.compactMap(ClientIdentity.init(issued:)))
    for identity in known { identities[identity, default: []].append(key) }
    return ClientDirectory.Entry(
      name: key.name, rights: Rights(organization: client.organization, grants: client.roles),
      ceiling: client.maxLabel, expireTime: CommitTime(microseconds: client.expireTime?.microseconds ?? .max),
      tokens: slots, identities: Array(known), meter: meter)
  }

  /// A client as a caller. Administrators see everything: they hold the store, its backups and its keys.
  fileprivate mutating func caller(at key: Key, _ audiences: KnownAudiences) -> Caller? {
    guard let client = clients[key] else { return nil }
    if let caller = client.caller { return caller }
    let organization = client.rights.organization
    let circles = groups[organization] ?? circles.groups(of: organization)
    groups[organization] = circles
    let standing = Standing(
      client: client.name, organization: organization, groups: circles, ceiling: client.ceiling,
      offices: client.rights.offices)
    let caller = Caller(
      principal: client.name,
      viewer: client.rights.isAdministrator ? .everything : standing.viewer(knowing: audiences), rights: client.rights)
    clients[key]?.caller = caller
    callers[organization, default: []].insert(key)
    return caller
  }
}
