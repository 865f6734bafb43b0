internal import GRPCRuntime
internal import PlenaryDomain

extension CallContext {
  /// On whose behalf the registry is asked.
  var caller: Caller { leave?.registryCaller ?? .anonymous }

  /// Tells the caller at which revision the answer is true, and whether it is that of an earlier call.
  func tell(revision: String, isReplay: Bool = false) throws(GRPCStatus) {
    var metadata = initialMetadata
    try metadata.append(revision, for: RevisionHeaders.name)
    if isReplay { try metadata.append("true", for: "plenary-replayed") }
    initialMetadata = metadata
  }
}

extension CallLeave {
  /// The caller whom the registry is asked for.
  var registryCaller: Caller {
    guard let caller = caller as? Caller else { preconditionFailure("calls are let in by a CallGuard") }
    return caller
  }
}
