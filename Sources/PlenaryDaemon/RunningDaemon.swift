internal import GRPCRuntime
package import Logging
internal import PlenaryDomain
internal import PlenaryServices
internal import PlenaryStore
internal import PlenaryStoreSQLite
package import SocketTransport

/// A daemon that serves: the registry is open, and the server listens.
package final class RunningDaemon: Sendable {
  /// Where it listens, with the ports that the system chose.
  package let addresses: [TransportAddress]

  private let server: GRPCServer
  private let registry: OpenRegistry
  private let observer: DaemonObserver
  private let issuer: IssuerWatch
  private let revocations: RevocationWatch
  private let now: @Sendable () -> CommitTime
  private let watching: [Task<Void, Never>]
  private let grace: Duration

  private init(
    addresses: [TransportAddress], server: GRPCServer, registry: OpenRegistry, issuer: IssuerWatch,
    revocations: RevocationWatch, observer: DaemonObserver, _ configuration: DaemonConfiguration
  ) {
    self.issuer = issuer
    self.revocations = revocations
    now = configuration.inputs.now
    watching = [Task { await issuer.run() }, Task { await revocations.run() }]
    self.addresses = addresses
    self.server = server
    self.registry = registry
    self.observer = observer
    grace = configuration.grace
  }

  /// Opens the registry and begins to serve.
  ///
  /// - Parameter isVerbose: Whether the log has what is of the level `debug`, if that is quicker to find than by asking the
  ///   logger. It is asked at every call.
  /// - Throws: what is in the way, in one line. Nothing is left open then.
  package static func start(
    _ configuration: DaemonConfiguration, logger: Logger, isVerbose: (@Sendable () -> Bool)? = nil
  ) async throws(DaemonFailure) -> RunningDaemon {
    try configuration.check()
    var serverConfiguration = try configuration.serverConfiguration()
    let observer = DaemonObserver(logger, isVerbose: isVerbose ?? { logger.logLevel <= .debug })
    let registry = try await OpenRegistry(configuration, observer: observer)
    serverConfiguration.gate = registry.callGuard
    if configuration.auth.isRequired, registry.directory.administrators.isEmpty {
      logger.warning(
        "auth.administrator.missing",
        metadata: ["advice": "no client administers the registry; make one with `plenaryd init` while it is stopped"])
    }
    let issuer: IssuerWatch
    let revocations: RevocationWatch
    do throws(DaemonFailure) {
      issuer = try IssuerWatch(configuration.jwt, registry.callGuard, logger: logger)
      revocations = try RevocationWatch(
        configuration.tls.revocations, registry.callGuard, now: configuration.inputs.now, logger: logger)
    } catch {
      await registry.drain()
      await registry.close()
      throw error
    }
    let server = GRPCServer(router: registry.router, configuration: serverConfiguration, observer: observer)
    do throws(TransportError) {
      var addresses: [TransportAddress] = []
      for address in configuration.listen { addresses.append(try await server.listen(on: address)) }
      return RunningDaemon(
        addresses: addresses, server: server, registry: registry, issuer: issuer, revocations: revocations,
        observer: observer, configuration)
    } catch {
      await registry.drain()
      await server.stop(grace: .zero)
      await registry.close()
      // What is wrong with a certificate is said together with what to do.
      let advice = error.code == .badTLSFile ? "" : "; give another address with --listen"
      throw DaemonFailure(.failed, error.message + advice)
    }
  }

  /// Stops: says so to health checks, ends the watches, lets the other calls under way finish, and closes the store. Call
  /// it once.
  package func stop() async {
    for task in watching { task.cancel() }
    for task in watching { await task.value }
    await registry.drain()
    await server.stop(grace: grace)
    await registry.close()
  }

  /// Takes over what can be changed while it serves: reads the certificates again, for connections to come, and lets
  /// authorities speak for nobody but the organizations that are named now.
  /// - Throws: the file, what is wrong with it and what to do, in one line; nothing has changed then.
  func reload(_ configuration: DaemonConfiguration) throws {
    let tls = try configuration.tls.configuration()
    _ = try configuration.jwt.issuer()
    let lists = try RevocationWatch.Lists(configuration.tls.revocations, at: now())
    try server.reloadTLS(tls)
    try issuer.reload(configuration.jwt)
    // First, so that nobody is let in meanwhile who is not afterwards.
    revocations.take(lists)
    registry.callGuard.trust(configuration.tls.organizations)
  }

  /// Waits until it has to end by itself, and returns why; nil if the task is cancelled before.
  func ending() async -> OpenRegistry.Ending? {
    await withTaskGroup(of: OpenRegistry.Ending?.self) { group in
      defer { group.cancelAll() }
      group.addTask { [observer] in
        for await error in observer.storeFailures { return .failed(DaemonFailure(running: error)) }
        return nil
      }
      group.addTask { [registry] in
        for await ending in registry.endings { return ending }
        return nil
      }
      return await group.next() ?? nil
    }
  }
}

extension DaemonConfiguration {
  /// Checks what can be checked without opening anything.
  func check() throws(DaemonFailure) {
    guard !listen.isEmpty else {
      throw DaemonFailure(.usage, "there is no address to listen on; give one with --listen")
    }
    if let violation = server.violations.first {
      throw DaemonFailure(.usage, "the limits of the server contradict each other: \(violation)")
    }
    try checkFollowing()
    try jwt.check()
    let tls = try tls.configuration()
    guard let open = listen.first(where: { !$0.isLocal }), !isInsecure else { return }
    if auth.isRequired {
      guard tls == nil else { return }
      throw DaemonFailure(
        .usage,
        "\(open) can be reached from other machines, and without TLS whoever listens on the way gets the tokens of callers; "
          + "set tls.certificate_file and tls.key_file, listen on 127.0.0.1 or a Unix socket, or accept that with "
          + "--insecure")
    }
    guard tls?.clientCertificates != .required else { return }
    let reason = tls == nil ? "there is no TLS" : "TLS is not set to require certificates of clients"
    throw DaemonFailure(
      .usage,
      "\(open) can be reached from other machines, and whoever reaches it can read and change everything, since \(reason) "
        + "and auth.required is not set; set that, listen on 127.0.0.1 or a Unix socket, set tls.client_certificates to "
        + "required, or accept that with --insecure")
  }

  private func checkFollowing() throws(DaemonFailure) {
    guard let leader = follow.leader else {
      guard follow.isReplacing else { return }
      throw DaemonFailure(.usage, "--replace is for a follower; give --follow too")
    }
    if case .memory = data {
      throw DaemonFailure(
        .usage, "a follower of \(leader) keeps its copy in a directory, and not in memory; give one with --data")
    }
    _ = try follow.channel()
  }

  /// The server's limits and choices together with TLS.
  func serverConfiguration() throws(DaemonFailure) -> ServerConfiguration {
    var server = server
    server.tls = try tls.configuration()
    return server
  }
}
