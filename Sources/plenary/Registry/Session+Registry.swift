internal import PlenaryClient

extension Session {
  /// How long a call may take where nothing else is asked for.
  private static let timeoutDefault = Duration.seconds(30)

  /// Works with the registry, and closes the connection afterwards.
  ///
  /// - Parameter isBrief: Whether each call is over in moments, and so has a deadline even if none is asked for.
  /// - Throws: a `Failure` that says in the user's words why a call failed or the address is none, and what `body`
  ///   throws.
  func withRegistry<Result>(isBrief: Bool = true, _ body: (Registry) async throws -> Result) async throws -> Result {
    let client: RegistryClient
    do {
      client = try RegistryClient(server: server)
    } catch {
      throw Failure(.usage, "\(error)", advice: "give --server HOST:PORT or --server unix:PATH")
    }
    let timeout = options.timeout?.duration ?? (isBrief ? Self.timeoutDefault : nil)
    do {
      let result = try await body(Registry(client: client, options: CallOptions(timeout: timeout)))
      await client.close()
      return result
    } catch {
      await client.close(grace: .zero)
      guard let status = error as? GRPCStatus else { throw error }
      throw Failure(status, server: server)
    }
  }
}
