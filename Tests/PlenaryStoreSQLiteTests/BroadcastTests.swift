import Testing

@testable import PlenaryStoreSQLite

/// What readers are told of by one sender.
@Suite struct BroadcastTests {
  @Test func `readers are told of the newest until the end`() async {
    let broadcast = Broadcast<Int>()
    var (early, late) = (broadcast.stream().makeAsyncIterator(), broadcast.stream().makeAsyncIterator())
    broadcast.send(1)
    #expect(await early.next() == 1)
    broadcast.send(2)
    broadcast.send(3)
    #expect(await early.next() == 3)
    #expect(await late.next() == 3)
    broadcast.finish()
    broadcast.send(4)
    #expect(await early.next() == nil)
    #expect(await late.next() == nil)
    for await _ in broadcast.stream() { Issue.record("told after the end") }
  }

  /// A reader's task is woken and cancelled at the same time, which take locks of the task and of the broadcast.
  @Test(.timeLimit(.minutes(10))) func `readers can be cancelled while they are told`() async {
    for _ in 0..<1000 {
      let broadcast = Broadcast<Int>()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          let stream = broadcast.stream()
          group.addTask { for await _ in stream {} }
        }
        group.addTask { for element in 0..<200 { broadcast.send(element) } }
        await Task.yield()
        group.cancelAll()
      }
      broadcast.finish()
    }
  }
}
