/// Does work that is long or of unknown length away from the executor of the call, which may be an event loop that has
/// other calls to serve.
package func offLoop<Result, Failure: Error>(
  _ work: () async throws(Failure) -> Result
) async throws(Failure) -> Result {
  try await withTaskExecutorPreference(globalConcurrentExecutor, operation: work)
}
