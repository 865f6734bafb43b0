package import GRPCRuntime
package import PlenaryDomain

/// How much is let in: what each client may ask for at a time, and all callers together. What keeps the daemon looked after
/// is let in beyond that, and is not counted; what is for administrators alone, also beyond the client's own quota.
extension CallGuard {
  package func admit(_ call: CallArrival) throws(GRPCStatus) -> CallLeave {
    // Before anything is found out about a caller whose call there is no room for.
    guard call.isStream || total.begin(max: policy.callsUnderWayMax) else {
      guard MethodNeeds.isEssential(call.path) else { throw GRPCStatus(overloaded) }
      return CallLeave(caller: try judge(call, isArrival: true).caller)
    }
    do throws(GRPCStatus) {
      let verdict = try judge(call, isArrival: true)
      guard let meter = verdict.meter else { return CallLeave(caller: verdict.caller, account: total) }
      guard let excess = meter.begin(isStream: call.isStream, policy.quota, at: now()) else {
        return CallLeave(caller: verdict.caller, account: meter)
      }
      guard MethodNeeds.isUpkeep(call.path) else { throw GRPCStatus(refusal(of: excess, verdict.caller.principal)) }
      if !call.isStream { total.end() }
      return CallLeave(caller: verdict.caller)
    } catch {
      if !call.isStream { total.end() }
      throw error
    }
  }

  private var overloaded: DomainError {
    DomainError(
      .overloaded,
      "the registry has as many calls under way as it can, which is \(policy.callsUnderWayMax); try again in a moment",
      metadata: ["limit": "limits.calls_under_way_max", "max": "\(policy.callsUnderWayMax)"])
  }

  private func refusal(of excess: CallMeter.Excess, _ client: String) -> DomainError {
    let (limit, max, what) =
      switch excess {
      case .rate(let max): ("limits.calls_per_second", max, "calls in a second")
      case .calls(let max): ("limits.concurrent_calls_max", max, "calls under way")
      case .streams(let max): ("limits.concurrent_streams_max", max, "streams open")
      }
    return DomainError(
      .quotaExceeded,
      "`\(client)` has more than \(max) \(what); try again in a moment, or ask whoever runs the registry for a higher "
        + limit, metadata: ["limit": limit, "max": "\(max)"], resource: client, isPassing: true)
  }
}

extension CallTotal: CallAccount {
  package func callIsOver(isStream: Bool) { if !isStream { end() } }
}

extension CallMeter: CallAccount {
  package func callIsOver(isStream: Bool) { end(isStream: isStream) }
}
