import GRPCRuntime
import Testing

@Suite struct DeadlineSetTests {
  private func at(_ seconds: Int64) -> Deadline {
    Deadline(nanoseconds: seconds * 1_000_000_000)
  }

  @Test func `a timer is asked for only when it has to fire earlier`() {
    var set = DeadlineSet<String>()
    #expect(set.add("a", id: 1, deadline: at(5)) == at(5))
    #expect(set.add("b", id: 2, deadline: at(7)) == nil)
    #expect(set.add("c", id: 3, deadline: at(2)) == at(2))
  }

  @Test func `the expired come out, and the timer goes on with the next`() {
    var set = DeadlineSet<String>()
    for (id, second) in [(1, 5), (2, 7), (3, 5)] as [(Int, Int64)] {
      _ = set.add("\(id)", id: id, deadline: at(second))
    }
    let (expired, next) = set.expire(at: at(5))
    #expect(expired == ["1", "3"])
    #expect(next == at(7))
    #expect(set.add("4", id: 4, deadline: at(8)) == nil)
  }

  @Test func `a call that ended is not expired, and the last timer is not followed by another`() {
    var set = DeadlineSet<String>()
    _ = set.add("a", id: 1, deadline: at(5))
    set.remove(id: 1)
    let (expired, next) = set.expire(at: at(5))
    #expect(expired.isEmpty)
    #expect(next == nil)
    #expect(set.add("b", id: 2, deadline: at(9)) == at(9))
  }
}
