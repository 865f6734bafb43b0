import GRPCProtos
import GRPCTestKit
import GoogleAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryServices

@Suite(.timeLimit(.minutes(10))) struct OperationRegisterTests {
  private let register = OperationRegister(
    start: { work in Task { await work() } },
    // A time passes at once.
    pause: { _ in })

  private func control() -> OperationControl {
    OperationControl("Test", now: { CommitTime(microseconds: 1_000_000) })
  }

  private func begin(_ name: String, _ work: @escaping OperationRegister.Work) throws -> LongRunningOperation {
    try register.begin(name, by: "clients/a", control(), work)
  }

  private func finished(_ name: String) async throws -> LongRunningOperation {
    while true {
      let operation = try await register.wait(for: name, atMost: .seconds(1))
      if operation.done { return operation }
      await Task.yield()
    }
  }

  @Test func `an operation is there from its begin, and ends with its response`() async throws {
    let gate = Gate()
    let begun = try begin("operations/a") { _ in
      await gate.wait()
      return ProtobufAny()
    }
    #expect(!begun.done && begun.metadata != nil)
    // The time to wait passes, and it still runs.
    #expect(try await !register.wait(for: "operations/a", atMost: .seconds(1)).done)
    #expect(register.waitingCount == 0)
    gate.open()
    let ended = try await finished("operations/a")
    #expect(ended.result == .response(ProtobufAny()))
    #expect(try register.get("operations/a") == ended)
  }

  @Test func `an operation is there for whoever began it and for administrators`() async throws {
    _ = try begin("operations/a") { _ in ProtobufAny() }
    _ = try await finished("operations/a")
    let (own, other) = (
      OperationRegister.Asker(principal: "clients/a", seesAll: false),
      OperationRegister.Asker(principal: "clients/b", seesAll: false)
    )
    #expect(register.all(as: own).map(\.name) == ["operations/a"] && register.all(as: other).isEmpty)
    #expect(try register.get("operations/a", as: own).done)
    #expect(throws: DomainError.self) { _ = try register.get("operations/a", as: other) }
    #expect(throws: DomainError.self) { try register.cancel("operations/a", as: other) }
    #expect(throws: DomainError.self) { try register.delete("operations/a", as: other) }
    await #expect(throws: DomainError.self) {
      _ = try await register.wait(for: "operations/a", atMost: .seconds(1), as: other)
    }
    try register.delete("operations/a", as: own)
  }

  @Test func `what goes wrong stands in the operation`() async throws {
    _ = try begin("operations/a") { _ throws(DomainError) in throw DomainError(.limitReached, "no space") }
    guard case .error(let status)? = try await finished("operations/a").result else {
      Issue.record("it did not fail")
      return
    }
    #expect(status.code == 8 && status.message == "no space" && !status.details.isEmpty)
  }

  @Test func `an operation that is cancelled is told so`() async throws {
    let gate = Gate()
    _ = try begin("operations/a") { control throws(DomainError) in
      await gate.wait()
      guard control.watch.isGivenUp() else { return ProtobufAny() }
      throw DomainError(.callCancelled, "it was cancelled")
    }
    try register.cancel("operations/a")
    gate.open()
    guard case .error(let status)? = try await finished("operations/a").result else {
      Issue.record("it was not cancelled")
      return
    }
    #expect(status.code == 1)
  }

  @Test func `so many run, and one more is refused`() async throws {
    let gate = Gate()
    for number in 0..<OperationRegister.runningMax {
      _ = try begin("operations/\(number)") { _ in
        await gate.wait()
        return ProtobufAny()
      }
    }
    let refusal = #expect(throws: DomainError.self) { _ = try begin("operations/more") { _ in ProtobufAny() } }
    #expect(refusal?.reason == .limitReached)
    // One that runs cannot be deleted.
    let running = #expect(throws: DomainError.self) { try register.delete("operations/0") }
    #expect(running?.reason == .operationRunning)
    gate.open()
    for number in 0..<OperationRegister.runningMax { _ = try await finished("operations/\(number)") }
    _ = try begin("operations/more") { _ in ProtobufAny() }
    try register.delete("operations/0")
    #expect(throws: DomainError.self) { _ = try register.get("operations/0") }
  }

  @Test func `so many are kept, and the oldest one makes room`() async throws {
    for number in 0..<OperationRegister.keptMax {
      _ = try begin("operations/\(number)") { _ in ProtobufAny() }
      _ = try await finished("operations/\(number)")
    }
    #expect(register.all().count == OperationRegister.keptMax)
    _ = try begin("operations/more") { _ in ProtobufAny() }
    #expect(register.all().count == OperationRegister.keptMax)
    #expect(register.all().first?.name == "operations/more")
    #expect(throws: DomainError.self) { _ = try register.get("operations/0") }
  }

  @Test func `closing stops what runs, and nothing begins afterwards`() async throws {
    _ = try begin("operations/a") { control throws(DomainError) in
      while !control.watch.isGivenUp() { await Task.yield() }
      throw DomainError(.callCancelled, "it was cancelled")
    }
    await register.close()
    #expect(try register.get("operations/a").done)
    let refusal = #expect(throws: DomainError.self) { _ = try begin("operations/b") { _ in ProtobufAny() } }
    #expect(refusal?.reason == .storeUnavailable)
  }
}
