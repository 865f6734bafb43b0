internal import Crypto
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// How often a write is examined anew because somebody else changed what it rests on.
  private static let attemptCountMax = 5

  /// What a write has come to.
  enum WriteOutcome {
    /// It is done; the receipt says how.
    case written(WriteReceipt)
    /// It changes nothing.
    case unchanged
    /// It was only to be checked; this is what the record would be.
    case checked(any ProtobufMessage)
  }

  /// What identifies a write among others of the same caller.
  struct WriteCall {
    /// The method, such as `CreateDialogue`.
    let method: String
    /// The caller's id for the request; empty if it gave none.
    let requestID: String
    /// A digest of the request's content.
    let digest: [UInt8]
    /// The size of the request in bytes.
    let byteCount: Int
    /// Whether nothing is to be written.
    var validateOnly: Bool
    /// Why the caller asks for it; empty if it does not say.
    var reason = ""

    /// The largest request that is examined where its call is served: a record of that size takes well less than a
    /// millisecond. A larger one would keep other calls waiting.
    static let smallByteCountMax = 16 << 10

    /// The write that a request asks for.
    init(_ method: String, _ request: some MutationRequestMessage) throws(DomainError) {
      try self.init(method, request, requestID: request.requestID, validateOnly: request.validateOnly)
    }

    /// The write that any other request asks for.
    init(
      _ method: String, _ request: some ProtobufMessage, requestID: String, validateOnly: Bool
    ) throws(DomainError) {
      let bytes = try request.encoded()
      try self.init(
        method, requestID: requestID, digest: Array(SHA256.hash(data: bytes)), byteCount: bytes.count,
        validateOnly: validateOnly)
    }

    /// A write with an id and the digest of its content.
    init(
      _ method: String, requestID: String, digest: [UInt8], byteCount: Int, validateOnly: Bool
    ) throws(DomainError) {
      guard requestID.isEmpty || RequestID.isValid(requestID) else {
        throw DomainError(
          .init(
            "request_id", .requestIDInvalid,
            "it must be a UUID of version 4, such as "
              + "`1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b`", metadata: ["value": requestID.clipped]))
      }
      self.method = method
      self.requestID = requestID
      self.digest = digest
      self.byteCount = byteCount
      self.validateOnly = validateOnly
    }
  }

  /// Examines and writes, again and again as long as others come in between.
  ///
  /// - Parameters:
  ///   - isImport: Whether a refusal by the store is examined too, so that it is reported with all others.
  ///   - examine: Says what to write, seeing the records as they are. It may be called several times.
  /// - Throws: What `examine` throws; `writeContention` if others came in between each time.
  func write(
    _ call: WriteCall, as caller: Caller, isImport: Bool = false,
    _ examine: (RecordView) async throws(DomainError) -> Changes
  ) async throws(DomainError) -> WriteOutcome {
    if let receipt = try await replay(of: call, as: caller) { return .written(receipt) }
    // Before anything is said about records that can be older than those of the leader.
    if let following, !call.validateOnly { throw DomainError(StoreError.follower(leader: following.leader)) }
    for _ in 0..<Self.attemptCountMax {
      let view = RecordView(
        of: store, for: caller, kinds: kinds, elevationRule: elevationRule(for: caller),
        organizationRecordsMax: organizationRecordsMax)
      let changes: Changes
      do throws(DomainError) {
        changes = try await examine(view)
      } catch {
        // What the examination was reading has been compacted away meanwhile.
        guard error.reason == .revisionCompacted, try await view.isCompacted() else {
          throw try await view.veiled(error)
        }
        continue
      }
      // What is told of records is told to who may still see them.
      try caller.checkIsCurrent()
      guard let preview = changes.preview else { return .unchanged }
      do throws(DomainError) {
        if call.validateOnly {
          // What is wrong with single records of an import has been looked for already.
          let guards = isImport ? changes.guards.filter(\.concernsAll) : changes.guards
          try await Rehearsal(
            of: changes.mutations, reviving: changes.revived, adding: changes.added, in: store
          ).check(guards)
          return .checked(preview)
        }
        if let receipt = try await commit(changes, call, as: caller, isImport: isImport) { return .written(receipt) }
      } catch {
        throw try await view.veiled(error)
      }
    }
    throw DomainError(
      .writeContention, "others changed the same records \(Self.attemptCountMax) times meanwhile; try again")
  }

  /// Writes the changes; nil if the records that they rest on have changed.
  private func commit(
    _ changes: Changes, _ call: WriteCall, as caller: Caller, isImport: Bool
  ) async throws(DomainError) -> WriteReceipt? {
    try caller.checkIsCurrent()
    let request = WriteRequest(
      actor: caller.principal, reason: call.reason, idempotency: call.idempotency(of: caller),
      preconditions: changes.guards.map(\.precondition), mutations: changes.mutations)
    do {
      let receipt = try await store.commit(request)
      // Whoever is told that somebody is let in no longer can rely on it.
      if changes.mutations.contains(where: { kinds.decidesAccess($0.key) }) { await accessDidChange?() }
      return receipt
    } catch .conflict(let conflict) where changes.guards.indices.contains(conflict.precondition) {
      switch changes.guards[conflict.precondition].refusal {
      case .refuse(let error) where !isImport: throw error(conflict.finding)
      case .refuseAll(let error): throw error(conflict.finding)
      case .refuse, .examineAgain: return nil
      }
    } catch .notFound {
      return nil
    } catch {
      throw DomainError(error)
    }
  }

  /// What the same call did before. A request without changes is how a store is asked for that: it answers with the
  /// receipt of the first one, and remembers nothing if there was none.
  private func replay(of call: WriteCall, as caller: Caller) async throws(DomainError) -> WriteReceipt? {
    guard let idempotency = call.idempotency(of: caller), !call.validateOnly else { return nil }
    let request = WriteRequest(actor: caller.principal, idempotency: idempotency, mutations: [])
    let receipt = try await store.reading { store throws(StoreError) in try await store.commit(request) }
    guard receipt.isReplay else { return nil }
    try caller.checkIsCurrent()
    return receipt
  }
}

extension Registry.WriteCall {
  fileprivate func idempotency(of caller: Caller) -> Idempotency? {
    requestID.isEmpty
      ? nil
      : Idempotency(client: caller.principal, method: method, requestID: requestID.lowercased(), requestHash: digest)
  }
}

/// The ids by which callers make requests safe to repeat.
enum RequestID {
  private static let byteCount = 36

  /// Whether the text is a UUID of version 4 (RFC 9562).
  static func isValid(_ text: String) -> Bool {
    guard text.utf8.count == byteCount else { return false }
    let groups = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], groups[2].first == "4", let variant = groups[3].first else {
      return false
    }
    return "89ab".contains(variant)
      && groups.allSatisfy { $0.utf8.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) } }
  }
}
