internal import GRPCRuntime
internal import GoogleAPI
public import HarnessProtos
public import PlenaryClient

/// A registry for tests, which serves on a socket of this machine and ends with the test.
///
/// Its time and its ids are inputs: with a clock that stands and the same seed, the same calls give the same bytes. Its state
/// can be put back, and its calls can be made to fail. What it can do here, `plenary-harness` does for tests in any
/// language, over the service `plenary.testing.v1.Harness`, which this serves too.
///
/// In tests, `withPlenary` starts one and stops it whatever happens.
public final class Harness: Sendable {
  /// How a registry for tests begins.
  public struct Options: Sendable {
    /// Whether it begins with the example that Plenary comes with.
    public var example = false

    /// What it begins with besides.
    public var records: [Record] = []

    /// How its clock begins.
    public var clock = HarnessClock.Start.system

    /// What its ids follow from.
    public var seed: UInt64 = 1

    /// Where it listens: `HOST:PORT` or `unix:PATH`; port 0 picks one.
    public var listen = "127.0.0.1:0"

    /// The directory that its records are in, in a directory `registry` of their own; nil keeps them in memory.
    public var directory: String?

    /// The defaults.
    public init() {}
  }

  /// Where it serves, `HOST:PORT` or `unix:PATH`.
  public let address: String

  /// The clock of the registry.
  public var clock: HarnessClock { core.clock }

  private let core: HarnessCore
  private let server: GRPCServer

  private init(_ core: HarnessCore, _ server: GRPCServer, address: String) {
    self.core = core
    self.server = server
    self.address = address
  }

  /// Starts one. Whoever starts it stops it.
  ///
  /// Throws an error whose description is one line if it cannot start, and `TestRecordsRefused` if the registry does not
  /// take the records; nothing is left open then.
  public static func start(_ options: Options = Options()) async throws -> Harness {
    let core = try HarnessCore(options)
    do {
      let server = GRPCServer(router: try await core.open())
      do {
        return Harness(core, server, address: try await server.listen(on: options.listen))
      } catch {
        await server.stop(grace: .zero)
        throw error
      }
    } catch {
      await core.close()
      throw error
    }
  }

  /// Stops it: calls under way end, and nothing of it is left. Call it once.
  public func stop() async {
    await core.close()
    await server.stop(grace: .zero)
  }

  // MARK: States

  /// Puts the registry into a state that is always there: without one named, as it began.
  ///
  /// Calls under way end with `UNAVAILABLE`, and new ones wait. A clock that stood at the beginning stands there again, and
  /// the same ids come as then. Throws an error in one line if the store cannot be opened.
  public func reset(to state: TestingResetRequest.State = .unspecified) async throws {
    try await core.reset(to: state)
  }

  /// Keeps the state of the registry under a name, in place of a snapshot with that name.
  ///
  /// Throws `INVALID_ARGUMENT` for what cannot be a name, and `RESOURCE_EXHAUSTED` if there are too many.
  @discardableResult
  public func takeSnapshot(_ name: String) async throws -> TestingSnapshot {
    try await core.takeSnapshot(name)
  }

  /// Puts the registry into the state of a snapshot, as `reset` does.
  ///
  /// Throws `NOT_FOUND` if there is no such snapshot.
  public func restore(_ name: String) async throws {
    try await core.restore(name)
  }

  /// The snapshots, by name.
  public var snapshots: [TestingSnapshot] { core.snapshots.all }

  /// Forgets a snapshot.
  ///
  /// Throws `NOT_FOUND` if there is no such snapshot.
  public func deleteSnapshot(_ name: String) throws {
    try core.snapshots.delete(name)
  }

  // MARK: Faults

  /// Has calls fail, or be slow, from now on; returns the fault with its id.
  ///
  ///     try harness.inject(.with {
  ///       $0.method = "*/CreateTheme"
  ///       $0.end = .status(.with { $0.code = 14 })
  ///       $0.callCountMax = 1
  ///     })
  ///
  /// Throws `INVALID_ARGUMENT` for what cannot be done, and `RESOURCE_EXHAUSTED` beyond `HarnessLimits`.
  @discardableResult
  public func inject(_ fault: TestingFault) throws -> TestingFault {
    try core.faults.inject(fault)
  }

  /// The faults in force, the oldest first, with how many calls each has struck.
  public var faults: [TestingFault] { core.faults.all }

  /// Takes back the fault with an id, or all, and returns them.
  ///
  /// Throws `NOT_FOUND` if there is no such fault.
  @discardableResult
  public func clearFaults(_ id: String = "") throws -> [TestingFault] {
    try core.faults.clear(id)
  }

  // MARK: Calls

  /// Records the calls of the methods of a pattern that begin from now on, and forgets those of before.
  ///
  /// Throws `INVALID_ARGUMENT` for what is no pattern.
  public func recordCalls(_ method: String = "*") throws {
    core.log.record(try .init(ofMethods: method), keeping: false)
  }

  /// Records no more calls; those that were recorded stay.
  public func stopRecording() {
    core.log.record(nil, keeping: true)
  }

  /// The calls that were recorded, in the order in which they began.
  public var calls: [TestingCall] { core.log.calls(of: nil).calls }
}
