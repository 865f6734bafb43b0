package import GRPCRuntime
package import PlenaryDomain

/// How much is let in: what each client may ask for at a time, all clients of an organization, and all callers together. What keeps the daemon looked after
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
      let excess = meter.begin(
        isStream: call.isStream, policy.quota, organization: policy.organizationQuota, at: now())
      guard let excess else { return CallLeave(caller: verdict.caller, account: meter) }
      guard MethodNeeds.isUpkeep(call.path) else { throw GRPCStatus(refusal(of: excess, verdict.caller)) }
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

  func tooManyFailures(from machine: String) -> DomainError {
    let max = policy.failedCredentialsMax ?? 0
    return DomainError(
      .quotaExceeded,
      "more than \(max) tokens and certificates that are good for nothing came from this machine in a minute, and no others "
        + "are looked at now; try again in a minute, or ask whoever runs the registry about limits.failed_credentials_max",
      metadata: ["limit": "limits.failed_credentials_max", "max": "\(max)"], resource: machine,
      isPassing: true)
  }

  private func refusal(of excess: CallMeter.Excess, _ caller: Caller) -> DomainError {
    guard case .organization(let excess) = excess else { return refusal(of: excess, caller.principal, "limits.") }
    return refusal(of: excess, caller.rights.organization, "limits.organization_")
  }

  /// - Parameters:
  ///   - subject: The client or the organization that has too much.
  ///   - prefix: What its limits are called by.
  private func refusal(of excess: CallMeter.Excess, _ subject: String, _ prefix: String) -> DomainError {
    let (name, max, what) =
      switch excess {
      case .rate(let max): ("calls_per_second", max, "calls in a second")
      case .calls(let max): ("concurrent_calls_max", max, "calls under way")
      case .streams(let max): ("concurrent_streams_max", max, "streams open")
      case .organization: preconditionFailure("an organization is in no other one")
      }
    return DomainError(
      .quotaExceeded,
      "`\(subject)` has more than \(max) \(what); try again in a moment, or ask whoever runs the registry for a higher "
        + prefix + name, metadata: ["limit": prefix + name, "max": "\(max)"], resource: subject, isPassing: true)
  }
}

extension CallTotal: CallAccount {
  package func callIsOver(isStream: Bool) { if !isStream { end() } }
}

extension CallMeter: CallAccount {
  package func callIsOver(isStream: Bool) { end(isStream: isStream) }
}
