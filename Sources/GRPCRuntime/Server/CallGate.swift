public import SocketTransport

/// Decides about every call of a server before anything of it is answered: who makes it, and whether it may be made.
///
/// It is asked on the event loop of the connection as soon as the headers of a call have come, before a byte of the request
/// is kept, so it must not block. Nothing goes around it: an answer that is ready passes it as a handler does.
public protocol CallGate: Sendable {
  /// Lets a call in. The status that it throws ends the call.
  func admit(_ call: CallArrival) throws(GRPCStatus) -> CallLeave

  /// Watches over a call that has been let in and can last, since it is a stream. Once it would be let in no longer, `end`
  /// is called with the status that ends it: at most once, from anywhere, and before this returns if it is so already.
  func watch(_ call: CallArrival, _ end: @escaping @Sendable (GRPCStatus) -> Void) -> LeaveWatch

  /// Looks again at a call that was let in, once the whole of its request has come, unless that came together with the
  /// headers. The status that it throws ends the call. It is asked on the event loop of the connection, so it must not block.
  func review(_ call: CallArrival, _ leave: CallLeave) throws(GRPCStatus)
}

/// What is known of a call before it begins.
public struct CallArrival: Sendable {
  /// The method's path: `/plenary.v1.DialogueService/GetDialogue`.
  public let path: String

  /// The metadata the caller sent.
  public let metadata: Metadata

  /// Who is at the other end, as far as the connection says so.
  public let peer: PeerIdentity?

  /// Whether it can last, since requests or answers come one after another.
  public let isStream: Bool

  /// The other end's address, `HOST:PORT`; `unix` at a Unix socket, and empty if the system does not say.
  public let peerAddress: String

  /// Makes what is known of a call.
  public init(
    path: String, metadata: Metadata, peer: PeerIdentity?, isStream: Bool = false, peerAddress: String = ""
  ) {
    self.peerAddress = peerAddress
    self.path = path
    self.metadata = metadata
    self.peer = peer
    self.isStream = isStream
  }
}

extension CallArrival {
  /// A call of a method.
  init(_ route: Route, _ metadata: Metadata, _ origin: CallContext.Origin) {
    self.init(
      path: route.path, metadata: metadata, peer: origin.peerIdentity, isStream: route.isStream,
      peerAddress: origin.peer)
  }
}

/// A call's leave to be made, and on whose behalf it is. Handlers find it in their context.
public struct CallLeave: Sendable {
  /// The caller, in terms of whoever let the call in.
  public let caller: any Sendable

  /// Who keeps count of calls under way, and has counted this one.
  public let account: (any CallAccount)?

  /// Lets a call in on behalf of a caller.
  public init(caller: any Sendable, account: (any CallAccount)? = nil) {
    self.caller = caller
    self.account = account
  }
}

/// Keeps count of the calls that are under way.
public protocol CallAccount: AnyObject, Sendable {
  /// A call that was counted when it was let in is over. It is called once for each, on the event loop.
  func callIsOver(isStream: Bool)
}

/// Somebody watches over a call, until it is cancelled.
public struct LeaveWatch: Sendable {
  /// Ends the watching, once the call is over.
  public let cancel: @Sendable () -> Void

  /// A watch that ends by `cancel`.
  public init(cancel: @escaping @Sendable () -> Void) {
    self.cancel = cancel
  }
}
