import GRPCRuntime
import Synchronization
import Testing

@Suite struct MessageInboxTests {
  private final class Charges: Sendable {
    let read = Mutex<[Int]>([])
  }

  @Test func `messages come out in order, and each charge is told when it is read`() async throws {
    let charges = Charges()
    let inbox = MessageInbox(compressor: .forTests) { charge in charges.read.withLock { $0.append(charge) } }
    inbox.put([1], charge: 10)
    inbox.put([2], charge: 20)
    inbox.finish()
    #expect(charges.read.withLock { $0 } == [])
    #expect(try await inbox.next() == [1])
    #expect(charges.read.withLock { $0 } == [10])
    #expect(try await inbox.next() == [2])
    #expect(try await inbox.next() == nil)
    #expect(try await inbox.next() == nil)
    #expect(charges.read.withLock { $0 } == [10, 20])
  }

  @Test func `a failure drops what is queued`() async {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.put([1], charge: 1)
    inbox.fail(GRPCStatus(.unavailable))
    await #expect(throws: GRPCStatus(.unavailable)) { try await inbox.next() }
    await #expect(throws: GRPCStatus(.unavailable)) { try await inbox.next() }
  }

  @Test func `a status that came in order waits behind what is queued`() async throws {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.put([1], charge: 1)
    inbox.put([2], charge: 1)
    inbox.finish(with: GRPCStatus(.notFound))
    #expect(try await inbox.next() == [1])
    #expect(try await inbox.next() == [2])
    await #expect(throws: GRPCStatus(.notFound)) { try await inbox.next() }
    await #expect(throws: GRPCStatus(.notFound)) { try await inbox.next() }
  }

  @Test func `a failure drops what an ordered end had left to read`() async {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.put([1], charge: 1)
    inbox.finish(with: GRPCStatus(.notFound))
    inbox.fail(GRPCStatus(.cancelled))
    await #expect(throws: GRPCStatus(.cancelled)) { try await inbox.next() }
  }

  @Test func `the first of two ends counts`() async {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.finish(with: GRPCStatus(.notFound))
    inbox.finish()
    inbox.fail(GRPCStatus(.cancelled))
    await #expect(throws: GRPCStatus(.notFound)) { try await inbox.next() }
  }

  @Test func `a waiting reader gets the status at once`() async {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    let reader = Task.immediate { try await inbox.next() }
    inbox.finish(with: GRPCStatus(.notFound))
    await #expect(throws: GRPCStatus(.notFound)) { try await reader.value }
  }

  @Test func `a stream that ended and was read stays ended when the call fails afterwards`() async throws {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.finish()
    inbox.fail(GRPCStatus(.cancelled))
    #expect(try await inbox.next() == nil)
  }

  @Test func `a waiting reader gets the message that comes`() async throws {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    async let message = inbox.next()
    inbox.put([7], charge: 1)
    #expect(try await message == [7])
  }

  @Test func `a message waits compressed and is inflated when it is read`() async throws {
    let text = [UInt8](repeating: 7, count: 1000)
    let compressed = MessageCompressor.forTests.compressed(EncodedMessage(text)).first
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    inbox.put(ReceivedMessage(compressed, isCompressed: true), charge: 1)
    // Nothing looks at what is queued, so nobody notices that this one is damaged.
    inbox.put(ReceivedMessage([1, 2, 3], isCompressed: true), charge: 1)
    inbox.put([9], charge: 1)
    #expect(!inbox.lastWasCompressed)
    #expect(try await inbox.next() == text)
    #expect(inbox.lastWasCompressed)
    #expect(await #expect(throws: GRPCStatus.self) { try await inbox.next() }?.code == .internal)
    #expect(inbox.lastWasCompressed)
    #expect(try await inbox.next() == [9])
    #expect(!inbox.lastWasCompressed)
  }

  @Test func `a waiting reader gets the inflated message that comes`() async throws {
    let text = [UInt8](repeating: 7, count: 1000)
    let compressed = MessageCompressor.forTests.compressed(EncodedMessage(text)).first
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    let reader = Task.immediate { try await inbox.next() }
    inbox.put(ReceivedMessage(compressed, isCompressed: true), charge: 1)
    #expect(try await reader.value == text)
    #expect(inbox.lastWasCompressed)
  }

  @Test func `cancelling a waiting reader wakes it`() async {
    let inbox = MessageInbox(compressor: .forTests) { _ in }
    let reader = Task { try await inbox.next() }
    reader.cancel()
    await #expect(throws: GRPCStatus.taskCancelled) { try await reader.value }
  }
}
