import GRPCRuntime
import GoogleAPI
import PlenaryClient
import PlenaryDomain
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryServices

@Suite struct StatusMappingTests {
  @Test(arguments: Reason.allCases) func `each reason has its status, with the reason in its details`(
    reason: Reason
  ) throws {
    let status = GRPCStatus(DomainError(reason, "what is wrong", metadata: ["value": "x"]))
    #expect(status.code.rawValue != 0 && status.code != .internal && status.code != .unknown)
    #expect(status.message == "what is wrong")
    let info = try #require(status.errorInfo)
    #expect(info.reason == reason.rawValue && info.domain == "plenary.registry" && info.metadata == ["value": "x"])
    // AIP-193: UPPER_SNAKE_CASE of at most 63 characters.
    #expect(info.reason.wholeMatch(of: /[A-Z][A-Z0-9_]+[A-Z0-9]/) != nil && info.reason.count <= 63)
  }

  @Test func `what passes can be tried again`() throws {
    for isPassing in [true, false] {
      let status = GRPCStatus(DomainError(.limitReached, "no room", isPassing: isPassing))
      #expect(status.code == .resourceExhausted && status.detail(RPCQuotaFailure.self) != nil)
      #expect((status.detail(RPCRetryInfo.self) != nil) == isPassing)
    }
  }

  @Test func `fields are named in BadRequest`() throws {
    let error = try #require(
      DomainError(
        [.init("start_date", .dateInvalid, "no such day"), .init("time_zone", .codeUnknown, "no such zone")],
        resource: "dialogues/x"))
    let status = GRPCStatus(error)
    #expect(status.code == .invalidArgument && status.reason == "DATE_INVALID")
    #expect(status.fieldViolations.map(\.field) == ["start_date", "time_zone"])
    #expect(status.fieldViolations.map(\.reason) == ["DATE_INVALID", "CODE_UNKNOWN"])
    let resource = try #require(status.detail(RPCResourceInfo.self))
    #expect(resource.resourceName == "dialogues/x" && resource.resourceType == "plenary.registry/Dialogue")
  }

  @Test func `what stands in the way is named in PreconditionFailure`() throws {
    let error = DomainError(
      .resourceInUse, "in use", resource: "themes/t", obstacles: [.init(subject: "dialogues/d", "it refers to it")])
    let failure = try #require(GRPCStatus(error).detail(RPCPreconditionFailure.self))
    #expect(failure.violations.map(\.subject) == ["dialogues/d"])
    #expect(failure.violations.map(\.type) == ["RESOURCE_IN_USE"])
  }

  @Test func `what may work later says when to try again, and what is too much says what`() throws {
    let later = GRPCStatus(DomainError(.storeReadOnly, "not now"))
    #expect(later.code == .unavailable && later.detail(RPCRetryInfo.self)?.retryDelay?.seconds == 1)
    let much = GRPCStatus(DomainError(.limitReached, "too much"))
    #expect(much.code == .resourceExhausted)
    #expect(much.detail(RPCQuotaFailure.self)?.violations.map(\.description) == ["too much"])
  }

  @Test func `a status stays below what stock clients accept, whatever is wrong`() throws {
    let long = String(repeating: "ü", count: 5000)
    let violations = (0..<1000).map { number in
      DomainError.FieldViolation("field\(number)", .codeUnknown, "number \(number) " + String(long.prefix(100)))
    }
    let many = try #require(DomainError(violations, resource: "dialogues/d"))
    for error in [many, DomainError(.codeUnknown, long, metadata: ["value": long])] {
      let status = GRPCStatus(error)
      let details = try #require(StatusDetails.encode(status))
      #expect(details.count * 4 / 3 + status.message.utf8.count * 3 < 8192)
    }
    // As many as fit are there, the first ones.
    let shown = GRPCStatus(many).fieldViolations.map(\.field)
    #expect(shown.count > 10 && shown == (0..<shown.count).map { "field\($0)" })
  }

  @Test func `an error of the program reaches the caller as a number alone`() async throws {
    struct Secret: Error {}
    let recorded = Mutex<[String]>([])
    let failures = FailureReport(
      makeRequestID: { "id-1" },
      record: { failure in
        recorded.withLock {
          $0.append("\(failure.requestID) \(failure.call) \(failure.method) \(type(of: failure.error))")
        }
      })
    let status = await #expect(throws: GRPCStatus.self) {
      try await failures.guarding(CallID(connection: 3, stream: 7), method: "/a.B/C") { () async throws in
        throw Secret()
      }
    }
    #expect(status?.code == .internal && status?.message.contains("Secret") == false)
    #expect(status?.detail(RPCRequestInfo.self)?.requestID == "id-1")
    #expect(recorded.withLock { $0 } == ["id-1 3.7 /a.B/C Secret"])
  }

  @Test func `a status and a cancellation pass as they are`() async {
    let failures = FailureReport(makeRequestID: { "" }, record: { _ in })
    let status = GRPCStatus(.dataLoss, "gone")
    await #expect(throws: status) {
      try await failures.guarding(CallID(connection: 1, stream: 1), method: "") { () async throws in throw status }
    }
    await #expect(throws: CancellationError.self) {
      try await failures.guarding(CallID(connection: 1, stream: 1), method: "") { () async throws in
        throw CancellationError()
      }
    }
  }
}
