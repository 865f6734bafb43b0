package import GRPCRuntime
internal import GoogleAPI
package import PlenaryDomain
internal import ProtobufRuntime

/// What becomes of errors that are no answer of the registry: the caller learns a number, and the log what it stands for.
package struct FailureReport: Sendable {
  private let makeRequestID: @Sendable () -> String
  private let record: @Sendable (Failure) -> Void
  private let noteRefusal: @Sendable (DomainError, Caller, _ method: String) -> Void

  /// An error of ours that ended a call.
  package struct Failure {
    /// What the caller was told instead of the error.
    package let requestID: String
    /// Which call.
    package let call: CallID
    /// The method's path.
    package let method: String
    /// What happened.
    package let error: any Error
  }

  /// - Parameters:
  ///   - makeRequestID: An id that nobody can guess and no other failure has.
  ///   - record: Writes the error down under the id that the caller is given.
  ///   - noteRefusal: Is told what callers are refused.
  package init(
    makeRequestID: @escaping @Sendable () -> String, record: @escaping @Sendable (Failure) -> Void,
    noteRefusal: @escaping @Sendable (DomainError, Caller, _ method: String) -> Void = { _, _, _ in }
  ) {
    self.makeRequestID = makeRequestID
    self.record = record
    self.noteRefusal = noteRefusal
  }

  /// Does what a call asks of the registry; whatever it throws becomes the status that the caller may see, and that it was
  /// refused for want of a right is noted.
  func guarding<Result>(_ context: CallContext, _ body: () async throws -> Result) async throws -> Result {
    try await guarding(context.id, method: context.method) {
      do {
        return try await body()
      } catch let error as DomainError {
        noteRefusal(error, context.caller, context.method)
        throw error
      }
    }
  }

  /// Notes what a part of a call was refused.
  func note(_ refusal: DomainError, _ context: CallContext) { noteRefusal(refusal, context.caller, context.method) }

  /// Does what a call asks for; whatever it throws becomes the status that the caller may see.
  func guarding<Result>(
    _ call: CallID, method: String, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      return try await body()
    } catch let error as DomainError {
      throw GRPCStatus(error)
    } catch let status as GRPCStatus {
      throw status
    } catch let error as CancellationError {
      throw error
    } catch {
      let id = makeRequestID()
      record(Failure(requestID: id, call: call, method: method, error: error))
      throw GRPCStatus(unknownErrorWith: id)
    }
  }
}
