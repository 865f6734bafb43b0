/// Whether a server that is loaded takes one more call.
package struct Admission {
  /// What all calls of a server hold together.
  package struct Load: Equatable {
    /// Handlers that run.
    package var handlers = 0
    /// Bytes of requests that were not read, responses that were not taken, and headers.
    package var memoryBytes = 0

    /// Makes a load.
    package init(handlers: Int = 0, memoryBytes: Int = 0) {
      self.handlers = handlers
      self.memoryBytes = memoryBytes
    }
  }

  private let handlersMax: Int
  private let memoryBytesMax: Int

  /// Makes the rule of a server with these limits.
  package init(handlersMax: Int, memoryBytesMax: Int) {
    self.handlersMax = handlersMax
    self.memoryBytesMax = memoryBytesMax
  }

  /// Why a new call is not taken; nil when it is. A health check asks whether the server lives, not for its work.
  ///
  /// - Parameter held: What the calls of its connection hold. A connection that holds little is served whatever others do.
  package func refusal(at load: Load, held: Int, isHealthCheck: Bool) -> GRPCStatus? {
    if let refusal = refusal(ofHandlerAt: load, isHealthCheck: isHealthCheck) { return refusal }
    guard isHealthCheck || held < memoryBytesMax - load.memoryBytes else {
      return GRPCStatus(.resourceExhausted, "the server holds as many bytes of calls as it can")
    }
    return nil
  }

  /// Why one more handler may not run; nil when it may.
  package func refusal(ofHandlerAt load: Load, isHealthCheck: Bool) -> GRPCStatus? {
    guard isHealthCheck || load.handlers < handlersMax else {
      return GRPCStatus(.resourceExhausted, "the server runs as many calls as it can")
    }
    return nil
  }

  /// Why the calls of a connection, which hold so many bytes, may not hold `count` bytes more; nil when they may.
  ///
  /// A connection may hold as much as is left for all others. So one that takes all it can leaves half of the memory free,
  /// and several together leave a share as large as that of each of them: nobody keeps the others out.
  package func refusal(of count: Int, held: Int, at load: Load) -> GRPCStatus? {
    guard held + count > memoryBytesMax - load.memoryBytes else { return nil }
    return GRPCStatus(.resourceExhausted, "the server holds as many bytes of calls as it can")
  }
}
