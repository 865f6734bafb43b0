import GRPCRuntime
import PlenaryDomain
import PlenaryStore
import Synchronization
import Testing

@testable import PlenaryServices

/// What an answer from memory tells of the revision at which it is true.
@Suite struct RevisionHeadersTests {
  private final class World: Sendable {
    let time = Mutex(Int64(0))
    let told = Mutex<[Revision]>([])

    var headers: RevisionHeaders {
      RevisionHeaders(now: { CommitTime(microseconds: self.time.withLock { $0 }) }) { revision, _ in
        self.told.withLock { $0.append(revision) }
        return "token"
      }
    }
  }

  private let caller = Caller(principal: "clients/c", viewer: Viewer { _ in true })

  @Test func `a moment is told for a while, whatever is written meanwhile`() {
    let world = World()
    let headers = world.headers
    for head in 10..<20 as Range<UInt64> {
      _ = headers.headers(of: Revision(head), with: Revision(3), for: caller)
      world.time.withLock { $0 += 9_000 }
    }
    #expect(world.told.withLock { $0 } == [Revision(10)])
    world.time.withLock { $0 = RevisionHeaders.momentMicroseconds }
    _ = headers.headers(of: Revision(20), with: Revision(3), for: caller)
    #expect(world.told.withLock { $0 } == [Revision(10), Revision(20)])
  }

  @Test func `a record that is newer than the moment begins another one, for whoever is given it`() {
    let world = World()
    let headers = world.headers
    let other = Caller(principal: "clients/d", viewer: Viewer { _ in true })
    for caller in [caller, other] { _ = headers.headers(of: Revision(10), with: Revision(3), for: caller) }
    _ = headers.headers(of: Revision(12), with: Revision(12), for: caller)
    _ = headers.headers(of: Revision(12), with: Revision(3), for: other)
    _ = headers.headers(of: Revision(12), with: Revision(12), for: caller)
    #expect(world.told.withLock { $0 } == [Revision(10), Revision(10), Revision(12)])
  }

  @Test func `a clock that is put back ends a moment`() {
    let world = World()
    let headers = world.headers
    world.time.withLock { $0 = 10_000_000 }
    _ = headers.headers(of: Revision(10), with: Revision(3), for: caller)
    world.time.withLock { $0 = 1_000_000 }
    _ = headers.headers(of: Revision(11), with: Revision(3), for: caller)
    #expect(world.told.withLock { $0 } == [Revision(10), Revision(11)])
  }

  @Test func `whoever sees everything is told each revision`() {
    let world = World()
    let headers = world.headers
    let caller = Caller(principal: "anonymous", viewer: .everything)
    for head in [10, 10, 11, 11, 12] as [UInt64] {
      _ = headers.headers(of: Revision(head), with: Revision(3), for: caller)
    }
    #expect(world.told.withLock { $0 } == [Revision(10), Revision(11), Revision(12)])
  }
}
