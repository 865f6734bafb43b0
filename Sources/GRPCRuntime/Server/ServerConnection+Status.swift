extension ServerConnection {
  /// What the caller sees of an error that a handler has thrown.
  func status(for error: any Error, _ call: CallID, _ route: Route) -> GRPCStatus {
    switch error {
    case let status as GRPCStatus where status.code != .ok:
      return status
    case is CancellationError:
      return .taskCancelled
    default:
      server.observer?.handlerFailed(call, method: route.path, peer: peer, error: error)
      return server.configuration.statusForError(error)
    }
  }
}

extension GRPCStatus {
  /// The deadline came first.
  package static let deadlinePassed = GRPCStatus(.deadlineExceeded, "the deadline passed")
}
