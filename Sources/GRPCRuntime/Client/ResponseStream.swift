public import ProtobufRuntime

/// The responses of a server-streaming or bidirectional call, in the order the server sent them.
///
/// Iterating a server-streaming call begins it, and dropping the iterator before the end cancels it. Reading a message
/// gives the server credit to send more. Iteration ends when the call has succeeded; it throws the call's `GRPCStatus`
/// when it has not, when a message cannot be decoded, and with `CANCELLED` when the reading task is cancelled.
public struct ResponseStream<Message: ProtobufMessage>: AsyncSequence, Sendable {
  private let begin: @Sendable () -> Beginning

  /// The responses of the call that `begin` begins, or has begun.
  init(_ begin: @escaping @Sendable () -> Lease) {
    self.begin = { .begun(begin()) }
  }

  /// The responses of the call that `begin` begins when the first of them is asked for.
  init(later begin: @escaping @Sendable () async throws(GRPCStatus) -> Lease) {
    self.begin = { .pending(begin) }
  }

  /// How far an iterator's call has come.
  enum Beginning {
    case begun(Lease)
    case pending(@Sendable () async throws(GRPCStatus) -> Lease)
    case refused(GRPCStatus)
  }

  /// Begins a server-streaming call; for a bidirectional one, reads on from where the last reader stopped.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(call: begin())
  }

  /// Reads the responses of one call.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var call: Beginning

    /// The next response, or nil when the call has succeeded.
    public mutating func next() async throws(GRPCStatus) -> Message? {
      let lease: Lease
      switch call {
      case .begun(let begun): lease = begun
      case .pending(let begin): lease = try await self.begin(begin)
      case .refused(let status): throw status
      }
      do throws(GRPCStatus) {
        guard let bytes = try await lease.place.inbox.next() else { return nil }
        return try MessageCoding.decode(Message.self, from: bytes)
      } catch {
        // Nobody reads on after an error; a reader that was cancelled does not want the rest either.
        lease.place.cancel()
        throw error
      }
    }

    private mutating func begin(
      _ begin: @Sendable () async throws(GRPCStatus) -> Lease
    ) async throws(GRPCStatus) -> Lease {
      do throws(GRPCStatus) {
        let lease = try await begin()
        call = .begun(lease)
        return lease
      } catch {
        call = .refused(error)
        throw error
      }
    }
  }

  /// Keeps a call alive; when the last reader is gone, the call is cancelled.
  final class Lease: Sendable {
    let place: ClientCallPlace

    init(_ place: ClientCallPlace) {
      self.place = place
    }

    deinit {
      place.cancel()
    }
  }
}
