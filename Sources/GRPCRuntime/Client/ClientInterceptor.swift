/// Sees every call of a channel begin and end: to add metadata, to refuse, to measure.
///
///     struct Authentication: ClientInterceptor {
///       let tokens: TokenSource
///
///       func begin(_ call: inout OutgoingCall) async throws {
///         try call.options.metadata.append("Bearer \(try await tokens.current())", for: "authorization")
///       }
///     }
///
/// Order: the first of `ChannelConfiguration.interceptors` is the outermost. It begins first, and ends last.
///
/// Errors: what `begin` throws ends the call before it began, and the caller gets it: a `GRPCStatus` as it is, anything
/// else as `INTERNAL`. The interceptors after it hear nothing of the call; those before it have their `end` called with
/// that status.
///
/// Cancellation: `begin` runs in the caller's task, so it is cancelled with it, and the call is then not begun. What it
/// takes counts against the call's timeout, but the deadline does not cut it short. A call that begins again on another
/// connection does not pass here again.
public protocol ClientInterceptor: Sendable {
  /// A call is about to begin; what `call.options` says after this is what happens.
  func begin(_ call: inout OutgoingCall) async throws

  /// A call that has passed `begin` is over. Called exactly once, on the channel's event loop or, when a later
  /// interceptor refused the call, in the caller's task: it must be quick and must not block.
  func end(_ call: OutgoingCall, status: GRPCStatus, trailingMetadata: Metadata)
}

extension ClientInterceptor {
  /// Lets every call begin as it is.
  public func begin(_ call: inout OutgoingCall) async throws {
    // For those that only look at the end.
  }

  /// Takes no notice of the end.
  public func end(_ call: OutgoingCall, status: GRPCStatus, trailingMetadata: Metadata) {
    // For those that only change the beginning.
  }
}

/// A call as the interceptors of its channel see it.
public struct OutgoingCall: Sendable {
  /// The method's path: `/plenary.v1.DialogueService/GetDialogue`.
  public let method: String

  /// Which sides send a stream of messages.
  public let kind: MethodKind

  /// What the caller set, and the interceptors before.
  public var options: CallOptions
}

/// The interceptors a call has passed, to be told of its end.
final class PassedInterceptors: Sendable {
  private let interceptors: ArraySlice<any ClientInterceptor>
  private let call: OutgoingCall

  private init(_ interceptors: ArraySlice<any ClientInterceptor>, _ call: OutgoingCall) {
    self.interceptors = interceptors
    self.call = call
  }

  /// Lets a call pass all of `interceptors`; returns what became of its options.
  ///
  /// Throws the status of a call that one of them refused, when those before that one have heard of it.
  static func passing(
    _ interceptors: [any ClientInterceptor], _ call: OutgoingCall
  ) async throws(GRPCStatus) -> (options: CallOptions, passed: PassedInterceptors) {
    var call = call
    for (index, interceptor) in interceptors.enumerated() {
      let before = call
      do {
        try Task.checkCancellation()
        try await interceptor.begin(&call)
      } catch {
        let status = status(for: error)
        PassedInterceptors(interceptors[..<index], before).end(status, Metadata())
        throw status
      }
    }
    return (call.options, PassedInterceptors(interceptors[...], call))
  }

  /// Tells them of the end, the innermost first.
  func end(_ status: GRPCStatus, _ trailingMetadata: Metadata) {
    for interceptor in interceptors.reversed() {
      interceptor.end(call, status: status, trailingMetadata: trailingMetadata)
    }
  }

  private static func status(for error: any Error) -> GRPCStatus {
    switch error {
    case let status as GRPCStatus where status.code != .ok: status
    case is CancellationError: .taskCancelled
    default: GRPCStatus(.internal, "an interceptor failed: \(error)")
    }
  }
}
