internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Why a listener could not listen or a connection could not be made.
package struct TransportError: Error, Hashable, Sendable {
  /// What a caller can tell apart; more may come.
  package struct Code: Hashable, Sendable {
    private let name: String

    package static let addressInUse = Code(name: "address in use")
    package static let permissionDenied = Code(name: "permission denied")
    package static let unresolved = Code(name: "unknown host")
    package static let refused = Code(name: "connection refused")
    package static let timedOut = Code(name: "timed out")
    package static let badTLSFile = Code(name: "bad TLS file")
    package static let untrusted = Code(name: "untrusted")
    package static let failed = Code(name: "failed")
  }

  package let code: Code

  /// One line: what, where, and what to do where that is known.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension TransportError: CustomStringConvertible {
  package var description: String { message }
}

extension TransportError {
  /// Says what the system said about listening on `address`.
  init(listeningOn address: TransportAddress, _ error: any Error) {
    if let number = Self.errorNumber(error) {
      self.init(listeningOn: address, errorNumber: number)
    } else {
      self = Self(resolving: address, error) ?? TransportError(.failed, "cannot listen on \(address): \(error)")
    }
  }

  /// Says what an error number of the system means for listening on `address`.
  // SAFETY: `strerror` returns a string that is valid until this thread calls it again.
  init(listeningOn address: TransportAddress, errorNumber: CInt) {
    self =
      switch errorNumber {
      case EADDRINUSE: TransportError(.addressInUse, "\(address) is in use by another process")
      case EACCES, EPERM: TransportError(.permissionDenied, "no permission to listen on \(address)")
      case EADDRNOTAVAIL: TransportError(.failed, "\(address) is not an address of this machine")
      case ENOENT: TransportError(.failed, "the directory of \(address) does not exist")
      default: TransportError(.failed, "cannot listen on \(address): \(unsafe String(cString: strerror(errorNumber)))")
      }
  }

  /// Says what the system said about connecting to `address`.
  init(connectingTo address: TransportAddress, _ error: any Error) {
    if let failure = error as? NIOConnectionError, let last = failure.connectionErrors.last {
      self = TransportError(connectingTo: address, last.error)
      return
    }
    if case ChannelError.connectTimeout = error {
      self = TransportError(.timedOut, "\(address) does not answer")
      return
    }
    // The connection came and went before anybody could look at it.
    if case ChannelPipelineError.notFound = error {
      self = TransportError(.failed, "\(address) closed the connection at once")
      return
    }
    self =
      switch Self.errorNumber(error) {
      case ECONNREFUSED: TransportError(.refused, "nothing listens on \(address)")
      case ENOENT: TransportError(.refused, "there is no socket at \(address)")
      case EACCES, EPERM: TransportError(.permissionDenied, "no permission to connect to \(address)")
      case ETIMEDOUT: TransportError(.timedOut, "\(address) does not answer")
      default: Self(resolving: address, error) ?? TransportError(.failed, "cannot connect to \(address): \(error)")
      }
  }

  private init?(resolving address: TransportAddress, _ error: any Error) {
    let isUnresolved =
      if case SocketAddressError.unknown = error { true } else if let failure = error as? NIOConnectionError {
        failure.dnsAError != nil && failure.dnsAAAAError != nil
      } else {
        false
      }
    guard isUnresolved else { return nil }
    self = TransportError(.unresolved, "the host of \(address) is not known")
  }

  private static func errorNumber(_ error: any Error) -> CInt? {
    (error as? IOError)?.errnoCode
  }
}
