internal import GRPCRuntime
internal import PlenaryDomain
internal import PlenaryStore

extension Caller {
  /// Whoever calls, until callers have identities: it sees everything.
  static let anonymous = Caller(principal: "anonymous", viewer: .everything)
}

extension CallContext {
  /// On whose behalf the registry is asked.
  var caller: Caller { .anonymous }

  /// Tells the caller at which revision the answer is true, and whether it is that of an earlier call.
  func tell(revision: String, isReplay: Bool = false) throws(GRPCStatus) {
    var metadata = initialMetadata
    try metadata.append(revision, for: RevisionHeaders.name)
    if isReplay { try metadata.append("true", for: "plenary-replayed") }
    initialMetadata = metadata
  }
}
