internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryDomain
internal import ProtobufRuntime

/// What becomes of errors that are no answer of the registry: the caller learns a number, and the log what it stands for.
package struct FailureReport: Sendable {
  private let makeRequestID: @Sendable () -> String
  private let record: @Sendable (_ requestID: String, _ method: String, _ error: any Error) -> Void

  /// - Parameters:
  ///   - makeRequestID: An id that nobody can guess and no other failure has.
  ///   - record: Writes the error down under the id that the caller is given.
  package init(
    makeRequestID: @escaping @Sendable () -> String,
    record: @escaping @Sendable (_ requestID: String, _ method: String, _ error: any Error) -> Void
  ) {
    self.makeRequestID = makeRequestID
    self.record = record
  }

  /// Does what a call asks for; whatever it throws becomes the status that the caller may see.
  func guarding<Result>(
    method: String, _ body: () async throws -> Result
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
      record(id, method, error)
      throw GRPCStatus(unknownErrorWith: id)
    }
  }
}
