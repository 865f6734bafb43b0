import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// A way from state to state, as the model of the domain has it.
struct Way: Sendable, CustomTestStringConvertible {
  let verb: String
  let from: [String]
  let to: String
  /// Goes it, and tells the state in which the record then is.
  let go: @Sendable (TestRegistry, _ name: String) async throws -> String

  init<Request: TransitionRequestMessage>(
    _ verb: String, _ request: Request.Type, _ from: [String], _ to: String
  ) where Request.Resource: ResourceMessage {
    self.verb = verb
    self.from = from
    self.to = to
    go = { test, name in
      let record = try await test.transition(verb, Request.with { ($0.name, $0.reason) = (name, "a test") })
      let field = try #require(Request.Resource.descriptor.field(named: "state"))
      guard case .enumeration(let type) = field.type,
        case .enumeration(let state)? = record.value(ofField: field.number)
      else { return "" }
      return type.descriptor.name(of: state) ?? "\(state)"
    }
  }

  var testDescription: String { verb }
}

/// The machine of a kind, as the model of the domain has it.
struct Machine: Sendable, CustomTestStringConvertible {
  let record: any ResourceMessage & ProtobufMessage
  /// What else must be there.
  let others: [any ProtobufMessage]
  let states: [String]
  let ways: [Way]

  var testDescription: String { record.name }

  /// The record in a state, to be imported as it was.
  func record(in state: String) throws -> any ProtobufMessage {
    var record: any ProtobufMessage = record
    let field = try #require(type(of: record).descriptor.field(named: "state"))
    guard case .enumeration(let type) = field.type else { return record }
    try record.setValue(.enumeration(try #require(type.descriptor.number(named: state))), ofField: field.number)
    return record
  }

  /// The states to which a record can go from one, in the order of the ways.
  func allowed(from state: String) -> [String] {
    ways.filter { $0.from.contains(state) }.map(\.to).reduce(into: []) { states, state in
      if !states.contains(state) { states.append(state) }
    }
  }

  static let dialogue = Machine(
    record: Sample.plannedDialogue(),
    others: [Sample.series(), Sample.organization(), Sample.organizerOf("dialogues/d1")],
    states: ["DRAFT", "SCHEDULED", "RUNNING", "CONCLUDED", "ARCHIVED", "POSTPONED", "CANCELLED"],
    ways: [
      Way("Schedule", ScheduleDialogueRequest.self, ["DRAFT", "POSTPONED"], "SCHEDULED"),
      Way("Start", StartDialogueRequest.self, ["SCHEDULED"], "RUNNING"),
      Way("Conclude", ConcludeDialogueRequest.self, ["RUNNING"], "CONCLUDED"),
      Way("Archive", ArchiveDialogueRequest.self, ["CONCLUDED"], "ARCHIVED"),
      Way("Postpone", PostponeDialogueRequest.self, ["SCHEDULED"], "POSTPONED"),
      Way("Cancel", CancelDialogueRequest.self, ["DRAFT", "SCHEDULED", "POSTPONED"], "CANCELLED"),
    ])

  static let series = Machine(
    record: Sample.series(), others: [], states: ["ACTIVE", "SUSPENDED", "ENDED"],
    ways: [
      Way("Suspend", SuspendSeriesRequest.self, ["ACTIVE"], "SUSPENDED"),
      Way("Resume", ResumeSeriesRequest.self, ["SUSPENDED"], "ACTIVE"),
      Way("End", EndSeriesRequest.self, ["ACTIVE", "SUSPENDED"], "ENDED"),
    ])

  static let workingGroup = Machine(
    record: {
      var group = Sample.group()
      group.resultsSummary = LocalizedText("Results")
      return group
    }(), others: [Sample.theme(), Sample.dialogue(themes: ["themes/t1"])], states: ["OPEN", "REPORTED"],
    ways: [
      Way("Report", ReportWorkingGroupRequest.self, ["OPEN"], "REPORTED"),
      Way("Reopen", ReopenWorkingGroupRequest.self, ["REPORTED"], "OPEN"),
    ])

  static let partnership = Machine(
    record: Sample.partnership(), others: [Sample.organization(), Sample.dialogue()],
    states: ["PROPOSED", "ACTIVE", "SUSPENDED", "ENDED", "DECLINED"],
    ways: [
      Way("Activate", ActivatePartnershipRequest.self, ["PROPOSED"], "ACTIVE"),
      Way("Decline", DeclinePartnershipRequest.self, ["PROPOSED"], "DECLINED"),
      Way("Suspend", SuspendPartnershipRequest.self, ["ACTIVE"], "SUSPENDED"),
      Way("Resume", ResumePartnershipRequest.self, ["SUSPENDED"], "ACTIVE"),
      Way("End", EndPartnershipRequest.self, ["ACTIVE", "SUSPENDED"], "ENDED"),
    ])

  static let theme = Machine(
    record: Sample.theme(), others: [], states: ["ACTIVE", "DEPRECATED"],
    ways: [
      Way("Deprecate", DeprecateThemeRequest.self, ["ACTIVE"], "DEPRECATED"),
      Way("Reactivate", ReactivateThemeRequest.self, ["DEPRECATED"], "ACTIVE"),
    ])

  static let all = [dialogue, series, workingGroup, partnership, theme]
}

@Suite struct StateMachineTests {
  @Test(arguments: Machine.all)
  func `every verb leads from its states to its state, and from no other`(_ machine: Machine) async throws {
    for state in machine.states {
      for way in machine.ways {
        try await TestRegistry.run { test in
          try await test.seed(machine.others + [machine.record(in: state)])
          let name = machine.record.name
          guard !way.from.contains(state) else {
            #expect(try await way.go(test, name) == way.to, "\(way.verb) from \(state)")
            return
          }
          let error = await expectRefusal(.illegalTransition) { _ = try await way.go(test, name) }
          #expect(error?.code == .failedPrecondition)
          #expect(
            error?.metadata == [
              "from": state, "to": way.to, "allowed": machine.allowed(from: state).joined(separator: ","),
            ], "\(way.verb) from \(state)")
          #expect(error?.obstacles.map(\.subject) == [name])
          #expect(error?.resource == name)
        }
      }
    }
  }

  @Test(arguments: Machine.all)
  func `a deleted record goes nowhere`(_ machine: Machine) async throws {
    for way in machine.ways {
      try await TestRegistry.run { test in
        try await test.seed(machine.others + [machine.record(in: way.from[0])])
        try await test.delete(machine.record)
        await expectRefusal(.resourceNotFound) { _ = try await way.go(test, machine.record.name) }
      }
    }
  }

  @Test func `a stale etag is refused, and the right one counts`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      let before = try await test.get(GetSeriesRequest.with { $0.name = "series/s1" })
      var request = SuspendSeriesRequest.with { ($0.name, $0.etag) = ("series/s1", before.etag) }
      let after = try await test.transition("Suspend", request)
      #expect(after.state == .suspended && after.etag != before.etag)
      // The etag is looked at first: who sends it has not seen the state.
      let error = await expectRefusal(.etagMismatch) { try await test.transition("Suspend", request) }
      #expect(error?.code == .aborted)
      #expect(error?.metadata == ["expected": before.etag, "actual": after.etag])
      request.name = "series/no"
      await expectRefusal(.resourceNotFound) { try await test.transition("Suspend", request) }
      request.name = "dialogues/d1"
      await expectRefusal(.idInvalid, "name") { try await test.transition("Suspend", request) }
    }
  }

  @Test func `a repeated request is answered as the first was`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      var request = SuspendSeriesRequest.with {
        ($0.name, $0.requestID) = ("series/s1", "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b")
      }
      let first = try await test.registry.transition("Suspend", request, as: TestRegistry.caller)
      try await test.transition("Resume", ResumeSeriesRequest.with { $0.name = "series/s1" })
      let second = try await test.registry.transition("Suspend", request, as: TestRegistry.caller)
      #expect(!first.isReplay && second.isReplay)
      #expect(first.bytes == second.bytes && first.revision == second.revision)
      #expect(try await test.get(GetSeriesRequest.with { $0.name = "series/s1" }).state == .active)
      request.reason = "another"
      let error = await expectRefusal(.requestIDReused) { try await test.transition("Suspend", request) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test func `a rehearsal checks everything and writes nothing`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      let before = try await test.get(GetSeriesRequest.with { $0.name = "series/s1" })
      let dry = try await test.transition(
        "End", EndSeriesRequest.with { ($0.name, $0.validateOnly) = ("series/s1", true) })
      #expect(dry.state == .ended && dry.etag.isEmpty)
      #expect(try await test.get(GetSeriesRequest.with { $0.name = "series/s1" }) == before)
      await expectRefusal(.illegalTransition) {
        try await test.transition(
          "Resume", ResumeSeriesRequest.with { ($0.name, $0.validateOnly) = ("series/s1", true) })
      }
    }
  }

  @Test func `a reason has at most 1000 characters`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      var request = EndSeriesRequest.with {
        ($0.name, $0.reason) = ("series/s1", String(repeating: "é", count: RecordNormalization.textLengthMax + 1))
      }
      await expectRefusal(.textTooLong, "reason") { try await test.transition("End", request) }
      request.reason.removeLast()
      #expect(try await test.transition("End", request).state == .ended)
    }
  }
}
