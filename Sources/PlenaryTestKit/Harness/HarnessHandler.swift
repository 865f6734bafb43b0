internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos
internal import PlenaryDomain
internal import ProtobufRuntime

/// `plenary.testing.v1.Harness`.
struct HarnessHandler: TestingHarness {
  let core: HarnessCore

  func getClock(_ request: TestingGetClockRequest, context: CallContext) async throws -> TestingClock {
    core.clock.state
  }

  func setClock(_ request: TestingSetClockRequest, context: CallContext) async throws -> TestingClock {
    try core.clock.set(request.mode, to: request.time)
    return core.clock.state
  }

  func advanceClock(_ request: TestingAdvanceClockRequest, context: CallContext) async throws -> TestingClock {
    guard let duration = request.duration else {
      throw GRPCStatus(.invalidArgument, "duration: it is missing; give by how much the clock is moved")
    }
    try core.clock.advance(by: duration.duration)
    return core.clock.state
  }

  func reset(_ request: TestingResetRequest, context: CallContext) async throws -> TestingResetResponse {
    switch request.target {
    case .snapshot(let name): try await core.restore(name)
    case .state(let state): try await core.reset(to: state)
    case nil: try await core.reset(to: .unspecified)
    }
    return .with { $0.clock = core.clock.state }
  }

  func takeSnapshot(_ request: TestingTakeSnapshotRequest, context: CallContext) async throws -> TestingSnapshot {
    try await core.takeSnapshot(request.name)
  }

  func listSnapshots(
    _ request: TestingListSnapshotsRequest, context: CallContext
  ) async throws -> TestingListSnapshotsResponse {
    .with { $0.snapshots = core.snapshots.all }
  }

  func deleteSnapshot(
    _ request: TestingDeleteSnapshotRequest, context: CallContext
  ) async throws -> TestingDeleteSnapshotResponse {
    try core.snapshots.delete(request.name)
    return TestingDeleteSnapshotResponse()
  }

  func injectFault(_ request: TestingInjectFaultRequest, context: CallContext) async throws -> TestingFault {
    try core.faults.inject(request.fault ?? TestingFault())
  }

  func listFaults(_ request: TestingListFaultsRequest, context: CallContext) async throws -> TestingListFaultsResponse {
    .with { $0.faults = core.faults.all }
  }

  func clearFaults(
    _ request: TestingClearFaultsRequest, context: CallContext
  ) async throws -> TestingClearFaultsResponse {
    let cleared = try core.faults.clear(request.id)
    return .with { $0.faults = cleared }
  }

  func recordCalls(
    _ request: TestingRecordCallsRequest, context: CallContext
  ) async throws -> TestingRecordCallsResponse {
    let method = request.method.isEmpty ? "*" : request.method
    core.log.record(request.enabled ? try WildcardPattern(ofMethods: method) : nil, keeping: request.keep)
    return TestingRecordCallsResponse()
  }

  func listCalls(_ request: TestingListCallsRequest, context: CallContext) async throws -> TestingListCallsResponse {
    let pattern = request.method.isEmpty ? nil : try WildcardPattern(ofMethods: request.method)
    let found = core.log.calls(of: pattern)
    return .with {
      $0.calls = found.calls
      $0.forgottenCount = Int64(found.forgotten)
    }
  }
}
