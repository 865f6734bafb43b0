internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.ChangeService`: lists changes, and sends them as they happen. What it sends is put together from bytes of the
/// store that are not decoded on the way.
struct ChangeHandler: Sendable {
  let registry: Registry
  let desk: WatchDesk
  let failures: FailureReport

  /// Lets the methods of the service answer on a router.
  func register(on router: inout Router) {
    router.register(
      ChangeServiceDefinition.listChanges,
      encoded: { [self] request, context in
        try await failures.guarding(context) {
          let page = try await offLoop { () async throws(DomainError) in
            try await registry.listChanges(request, as: context.caller)
          }
          try context.tell(revision: page.revision)
          return EncodedMessage(page.bytes)
        }
      })
    router.register(
      ChangeServiceDefinition.watchChanges,
      serverStreaming: { [self] request, responses, context in
        try await failures.guarding(context) {
          let seat = try desk.takeSeat()
          defer { desk.leave(seat) }
          var run = WatchRun(registry, desk: desk, seat: seat, callers: CallerSource(context.caller)) {
            message, patience throws(GRPCStatus) in
            try await responses.write(encoded: message, patience: patience)
          }
          try await run.run(request)
        }
      })
  }
}
