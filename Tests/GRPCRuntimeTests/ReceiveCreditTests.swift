import GRPCRuntime
import Testing

@Suite struct ReceiveCreditTests {
  @Test func `a message's room comes back when it is read`() {
    var credit = ReceiveCredit()
    credit.arrived(10)
    let charge = credit.completed()
    #expect(charge == 10)
    #expect(credit.settle() == 0)
    #expect(credit.read(charge) == 10)
  }

  @Test func `a message longer than the window keeps arriving while nothing is queued`() {
    var credit = ReceiveCredit()
    credit.arrived(65_535)
    #expect(credit.settle() == 65_535)
    credit.arrived(100)
    let charge = credit.completed()
    #expect(charge == 100)
    #expect(credit.read(charge) == 100)
  }

  @Test func `behind an unread message nothing comes back until it is read`() {
    var credit = ReceiveCredit()
    credit.arrived(10)
    let charge = credit.completed()
    credit.arrived(50)
    #expect(credit.settle() == 0)
    credit.arrived(50)
    #expect(credit.settle() == 0)
    #expect(credit.read(charge) == 110)
    #expect(credit.settle() == 0)
  }
}
