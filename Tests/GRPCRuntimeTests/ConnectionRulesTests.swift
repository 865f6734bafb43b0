import GRPCRuntime
import Testing

/// The rules by which a server ends connections and refuses calls, without a connection and without a clock.
@Suite struct ConnectionRulesTests {
  private func at(_ seconds: Int64) -> Deadline {
    Deadline(nanoseconds: seconds * 1_000_000_000)
  }

  private func justBefore(_ seconds: Int64) -> Deadline {
    Deadline(nanoseconds: seconds * 1_000_000_000 - 1)
  }

  // MARK: Keepalive

  @Test func `a silent peer is asked, and given up when it says nothing`() {
    var keepalive = Keepalive(interval: .seconds(100), timeout: .seconds(20))
    #expect(keepalive.check(receivedAt: at(0), now: justBefore(100)) == (.wait, at(100)))
    #expect(keepalive.check(receivedAt: at(0), now: at(100)) == (.ping, at(120)))
    #expect(keepalive.check(receivedAt: at(0), now: justBefore(120)) == (.wait, at(120)))
    #expect(keepalive.check(receivedAt: at(0), now: at(120)) == (.close, at(120)))
  }

  @Test func `whatever comes shows that the peer lives`() {
    var keepalive = Keepalive(interval: .seconds(100), timeout: .seconds(20))
    #expect(keepalive.check(receivedAt: at(0), now: at(100)) == (.ping, at(120)))
    #expect(keepalive.check(receivedAt: at(119), now: at(120)) == (.wait, at(219)))
    #expect(keepalive.check(receivedAt: at(119), now: at(219)) == (.ping, at(239)))
  }

  // MARK: Lifetime

  private func lifetime(
    idleMax: Duration? = nil, ageMax: Duration? = nil, jitter: Double = 0
  ) -> ConnectionLifetime {
    ConnectionLifetime(bornAt: at(0), idleMax: idleMax, ageMax: ageMax, ageGrace: .seconds(10), jitter: jitter)
  }

  @Test func `without limits a connection stays for ever`() {
    var lifetime = lifetime()
    #expect(lifetime.check(now: at(1 << 32)) == (.stay, nil))
    #expect(lifetime.becameIdle(at: at(5)) == nil)
  }

  @Test func `a connection that never had a call leaves when it is idle`() {
    var lifetime = lifetime(idleMax: .seconds(60))
    #expect(lifetime.check(now: justBefore(60)) == (.stay, at(60)))
    #expect(lifetime.check(now: at(60)) == (.leave("max_idle"), nil))
    #expect(lifetime.check(now: at(1000)) == (.stay, nil))
  }

  @Test func `a call keeps a connection, and its end begins the time anew`() {
    var lifetime = lifetime(idleMax: .seconds(60))
    lifetime.becameBusy()
    #expect(lifetime.check(now: at(1000)) == (.stay, nil))
    #expect(lifetime.becameIdle(at: at(1000)) == at(1060))
    #expect(lifetime.check(now: justBefore(1060)) == (.stay, at(1060)))
    #expect(lifetime.check(now: at(1060)) == (.leave("max_idle"), nil))
  }

  @Test func `an old connection leaves, calls or not, and ends behind its grace`() {
    var lifetime = lifetime(ageMax: .seconds(100))
    lifetime.becameBusy()
    #expect(lifetime.check(now: justBefore(100)) == (.stay, at(100)))
    #expect(lifetime.check(now: at(100)) == (.leave("max_age"), at(110)))
    #expect(lifetime.check(now: justBefore(110)) == (.stay, at(110)))
    #expect(lifetime.check(now: at(110)) == (.end, nil))
    #expect(lifetime.check(now: at(111)) == (.stay, nil))
  }

  @Test(arguments: [(-0.1, Int64(90)), (0.1, 110)])
  func `chance makes it a tenth younger or older`(jitter: Double, seconds: Int64) {
    var lifetime = lifetime(ageMax: .seconds(100), jitter: jitter)
    // A number of seconds times a fraction is not exact to the nanosecond.
    #expect(lifetime.check(now: Deadline(nanoseconds: seconds * 1_000_000_000 - 1000)).0 == .stay)
    #expect(lifetime.check(now: Deadline(nanoseconds: seconds * 1_000_000_000 + 1000)).0 == .leave("max_age"))
  }

  // MARK: Stalls

  @Test func `who stands still for the limit is stalled`() {
    var watch = StallWatch()
    func isStalled(_ watch: inout StallWatch, at now: Deadline) -> Bool {
      watch.isStalled(progress: 5, isWaiting: true, limit: .seconds(60), now: now)
    }
    #expect(!isStalled(&watch, at: at(10)))
    #expect(!isStalled(&watch, at: justBefore(70)))
    #expect(isStalled(&watch, at: at(70)))
  }

  @Test func `progress, and not having to go on, begin the time anew`() {
    var watch = StallWatch()
    let looks: [(progress: Int, isWaiting: Bool, now: Deadline)] = [
      (5, true, at(10)), (6, true, at(70)), (6, true, justBefore(130)), (6, false, at(130)), (6, true, at(131)),
      (6, true, justBefore(191)), (6, true, at(191)),
    ]
    let stalls = looks.map {
      watch.isStalled(progress: $0.progress, isWaiting: $0.isWaiting, limit: .seconds(60), now: $0.now)
    }
    #expect(stalls == [false, false, false, false, false, false, true])
  }

  // MARK: Load

  @Test func `handlers at the limit leave no room for one more`() {
    let admission = Admission(handlersMax: 10, memoryBytesMax: 1000)
    #expect(admission.refusal(at: .init(handlers: 9), held: 0, isHealthCheck: false) == nil)
    #expect(admission.refusal(at: .init(handlers: 10), held: 0, isHealthCheck: false)?.code == .resourceExhausted)
    #expect(admission.refusal(ofHandlerAt: .init(handlers: 9), isHealthCheck: false) == nil)
    #expect(admission.refusal(ofHandlerAt: .init(handlers: 10), isHealthCheck: false)?.code == .resourceExhausted)
  }

  @Test func `a health check is taken whatever the load is`() {
    let admission = Admission(handlersMax: 10, memoryBytesMax: 1000)
    #expect(admission.refusal(at: .init(handlers: 1000, memoryBytes: 5000), held: 5000, isHealthCheck: true) == nil)
    #expect(admission.refusal(ofHandlerAt: .init(handlers: 1000), isHealthCheck: true) == nil)
  }

  @Test func `a connection may hold as much as is left for the others`() {
    let admission = Admission(handlersMax: 10, memoryBytesMax: 1000)
    // Alone, it gets half of all there is.
    #expect(admission.refusal(of: 100, held: 400, at: .init(memoryBytes: 500)) == nil)
    #expect(admission.refusal(of: 101, held: 400, at: .init(memoryBytes: 500))?.code == .resourceExhausted)
    // Beside one that holds 500, another gets a quarter.
    #expect(admission.refusal(of: 50, held: 200, at: .init(memoryBytes: 750)) == nil)
    #expect(admission.refusal(of: 51, held: 200, at: .init(memoryBytes: 750))?.code == .resourceExhausted)
  }

  @Test func `a new call is judged by what its own connection holds`() {
    let admission = Admission(handlersMax: 10, memoryBytesMax: 1000)
    let load = Admission.Load(memoryBytes: 900)
    #expect(admission.refusal(at: load, held: 0, isHealthCheck: false) == nil)
    #expect(admission.refusal(at: load, held: 99, isHealthCheck: false) == nil)
    #expect(admission.refusal(at: load, held: 100, isHealthCheck: false)?.code == .resourceExhausted)
    #expect(admission.refusal(at: .init(memoryBytes: 1000), held: 0, isHealthCheck: false)?.code == .resourceExhausted)
  }

  @Test func `connections are counted for the server and for each host`() {
    final class Connection {}
    let all = (0..<6).map { _ in Connection() }
    var register = ConnectionRegister<Connection>(connectionsMax: 4, perHostMax: 2)
    func open(_ index: Int, _ host: String?) -> ConnectionRegister<Connection>.Refusal? {
      register.open(all[index], id: ObjectIdentifier(all[index]), host: host)
    }
    #expect(open(0, "a") == nil)
    #expect(open(1, "a") == nil)
    #expect(open(2, "a") == .peer)
    #expect(open(2, "b") == nil)
    #expect(open(3, nil) == nil)
    #expect(open(4, "b") == .server)
    register.close(id: ObjectIdentifier(all[0]))
    // A second end of the same connection gives nobody room.
    register.close(id: ObjectIdentifier(all[0]))
    #expect(open(4, "a") == nil)
    #expect(open(5, "a") == .server)
    #expect(register.connections.count == 4)
    for connection in all { register.close(id: ObjectIdentifier(connection)) }
    #expect(register.isEmpty)
  }

  // MARK: Unread bytes

  @Test func `what was given back early is still here until it is read`() {
    var unread = UnreadBytes()
    var credit = ReceiveCredit()
    func arrive(_ count: Int) {
      credit.arrived(count)
      unread.arrived(count)
    }
    func complete() -> Int {
      let charge = credit.completed()
      unread.completed(charge: charge)
      return charge
    }
    // A long message, whose beginning is given back while nothing is queued, and a short one behind it.
    arrive(100)
    #expect(credit.settle() == 100)
    arrive(30)
    #expect(unread.count == 130)
    let long = complete()
    #expect(long == 30)
    arrive(7)
    #expect(credit.settle() == 0)
    let short = complete()
    #expect(unread.count == 137)
    arrive(2)
    _ = credit.read(long)
    unread.read(charge: long)
    #expect(unread.count == 9)
    _ = credit.read(short)
    unread.read(charge: short)
    #expect(unread.count == 2)
    unread.clear()
    #expect(unread.count == 0)
  }
}
